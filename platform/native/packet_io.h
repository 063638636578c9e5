/* One packet-io instance: what its files share. One Io per createPacketIo(), used by one thread only. Any number of workers
 * can load the addon; what they share is in station.c alone. */
#ifndef PACKET_IO_H
#define PACKET_IO_H

#include "dtls.h"
#include "peer.h"
#include "send.h"
#include "wakeup.h"

struct Io {
  int fd;
  int family; /* of the socket: AF_INET or AF_INET6 */
  int port;
  bool segmentation;
  size_t max_datagram;
  uint32_t equalize_bytes;
  int batch_window_us; /* at most; 0: never wait */
  Wakeup wakeup;

  /* Memory that belongs to JavaScript; addon.c holds a reference to it. */
  uint8_t *arena;
  int slot_count;
  int32_t *free_slots; /* [0] = how many, then the slots: a stack shared with TypeScript */
  uint8_t *taken;      /* per slot */
  int32_t *rx;
  int32_t *tx_packets;
  int32_t *tx_runs;
  int tx_capacity; /* records in each of the two */
  uint8_t *addresses;
  double *counters;

  int rx_count;
  int32_t rx_age_us; /* of what is recorded next: how long it waited in the socket */
  uint32_t now_s;
  AddressTable table;
  Peer **peers;
  int peer_capacity;
  int handshakes;

  SSL_CTX *ssl_context;
  BIO_METHOD *bio_method;
  char fingerprint[96];
  DtlsEvent *events;
  int event_count, event_capacity;

  struct Receiver *receiver;
  SendBatch *batch;
  Station *station; /* NULL: the port is ours alone */
};

static inline uint32_t *tx_packet(const Io *io, uint32_t i) {
  return (uint32_t *)io->tx_packets + (size_t)i * TX_PACKET_WORDS;
}

static inline const uint32_t *tx_run(const Io *io, int32_t i) {
  return (const uint32_t *)io->tx_runs + (size_t)i * TX_RUN_WORDS;
}

static inline void count(Io *io, enum Counter which, double by) { io->counters[which] += by; }

#endif
