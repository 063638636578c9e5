/* Who is sent to and received from: addresses, keys, the DTLS association. */
#ifndef PEER_H
#define PEER_H

#include <openssl/ssl.h>

#include "address_table.h"
#include "srtp_receiver.h"

typedef struct {
  int hash; /* 1, 256, 384, 512 */
  uint8_t digest[EVP_MAX_MD_SIZE];
} Fingerprint;

typedef enum { DTLS_NEW = 0, DTLS_HANDSHAKE, DTLS_CONNECTED, DTLS_CLOSED } DtlsState;

typedef struct {
  uint16_t length;
  uint8_t bytes[SLOT_SIZE];
} PendingDatagram;

/* One end of a relay between stations. `id` tells it from an earlier one with that handle. */
typedef struct {
  int station; /* -1: none */
  int handle;
  uint32_t id; /* never 0, never used twice in a process */
} RelayAddress;

typedef struct Peer {
  /* What sending touches, together: with many receivers memory is what a packet waits for. */
  _Alignas(64) Io *io;
  int handle;
  int32_t tx_head, tx_tail; /* this flush's runs, -1 for none */
  bool has_keys;
  bool no_segmentation; /* the kernel refused UDP_SEGMENT on this route */
  uint8_t local; /* which of our addresses packets leave from: local_address.c */
  socklen_t destination_length; /* 0: no address yet */
  SocketAddress destination;
  SrtpCipher sender;

  uint32_t rtcp_index; /* next SRTCP index; shared by all our SSRCs, so never repeated with one */
  SrtpReceiver receiver;
  Address addresses[ADDRESSES_PER_PEER]; /* oldest first */
  int address_count;

  DtlsState dtls;
  SSL *ssl;
  const uint8_t *dtls_in; /* the datagram OpenSSL may read now */
  size_t dtls_in_length;
  Fingerprint fingerprints[FINGERPRINTS_PER_PEER];
  int fingerprint_count;
  bool fingerprint_mismatch;
  PendingDatagram *pending; /* PENDING_DTLS_DATAGRAMS of them, or NULL */
  int pending_count;

  /* Of a relay, which has neither address nor keys: our end's id, and the other end. */
  uint32_t relay_id; /* 0: no relay */
  RelayAddress relay;
} Peer;

Peer *peer_add(Io *io);
void peer_remove(Peer *peer); /* after dtls_free() */
Peer *peer_get(Io *io, int64_t handle);
bool peer_allow(Peer *peer, const Address *address);
bool peer_bind(Peer *peer, const Address *address);
/* The address is somebody else's now. */
void peer_lose_address(Io *io, const Address *address);
bool peer_set_keys(Peer *peer, SrtpProfile profile, const uint8_t *rx_key, const uint8_t *rx_salt,
                   const uint8_t *tx_key, const uint8_t *tx_salt);

#endif
