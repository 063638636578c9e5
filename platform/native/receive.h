/* Receiving: from the socket, and from other stations, into slots and records. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "layout.h"

bool receive_init(Io *io);
void receive_free(Io *io);
/* Begin a batch in io->rx; add to it what is in the socket; what other stations handed over, if there are any. */
void receive_begin(Io *io);
void receive_drain(Io *io);
void receive_mail(Io *io);
/* What waits in the sockets of stations that stand still. */
void receive_for_others(Io *io);

#endif
