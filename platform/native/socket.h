/* The UDP socket. */
#ifndef SOCKET_H
#define SOCKET_H

#include "address_table.h"

typedef enum {
  ALONE,
  SHARED,      /* with those who are there already (SO_REUSEPORT) */
  SHARED_LATER /* fails when anybody is there, and lets others of this user come */
} Sharing;

/* 0 or errno. */
int socket_open(Io *io, const char *address, int port, bool segmentation, Sharing sharing);
void address_from_socket(const SocketAddress *from, Address *to);
bool address_to_socket(const Io *io, const Address *from, SocketAddress *to, socklen_t *length);
/* `local`: which of our addresses it leaves from, 0 for any. */
bool socket_send(Io *io, const SocketAddress *to, socklen_t length, uint8_t local,
                 const uint8_t *data, size_t bytes);

#endif
