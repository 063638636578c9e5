/* Sending runs of packets, and RTCP. */
#ifndef SEND_H
#define SEND_H

#include "peer.h"

typedef struct SendBatch SendBatch;
bool send_init(Io *io);
void send_free(Io *io);
/* Sends the runs 0..runs-1; returns how many packets the kernel took. */
int send_flush(Io *io, int runs);
bool send_rtcp(Peer *peer, const uint8_t *packet, size_t length);

#endif
