/* The second byte of an address record: which of our own addresses it is about. */
#ifndef LOCAL_ADDRESS_H
#define LOCAL_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "layout.h"

enum { LOCAL_ADDRESS_CONTROL = CMSG_SPACE(sizeof(struct in6_pktinfo)) };

/* Whether the machine has more than one address of a family that others can reach. */
bool local_addresses_are_several(void);
/* From now on the socket tells where datagrams came to. */
void local_address_watch(const Io *io);
bool local_address_is_known(uint8_t number);
/* The number of the address that a received message's `c` tells, or 0. */
uint8_t local_address_read(const struct cmsghdr *c);
/* Writes into `c` that a message is to leave from there; the bytes it takes, 0 for nothing written. */
size_t local_address_write(const Io *io, uint8_t number, struct cmsghdr *c);

#endif
