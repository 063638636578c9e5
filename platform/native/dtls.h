/* DTLS associations (RFC 5764), which give a peer its keys. */
#ifndef DTLS_H
#define DTLS_H

#include "peer.h"

/* `profiles` in OpenSSL's syntax, the best first. */
bool dtls_context_init(Io *io, const char *certificate, const char *private_key,
                       const char *profiles);
void dtls_context_free(Io *io);
bool dtls_start(Peer *peer, bool server);
void dtls_receive(Peer *peer, const uint8_t *datagram, size_t length, const Address *from);
/* One record of application data; false when the association is not up. */
bool dtls_send(Peer *peer, const uint8_t *data, size_t length);
void dtls_tick(Io *io);
void dtls_free(Peer *peer);

typedef struct {
  int handle;
  bool connected; /* else closed */
  SrtpProfile profile;
  char reason[80];
} DtlsEvent;

#endif
