/* The words of the records that are shared with JavaScript, and the order of bytes on the wire. Layouts are those of
 * platform/src/packet-io/contract.ts; a change there is a change here. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SLOT_SIZE = 2048,
  RX_WORDS = 5,
  TX_PACKET_WORDS = 8,
  TX_RUN_WORDS = 10,
  RUN_PACKETS = 64, /* at most, in one run */
  ADDRESS_BYTES = 20,
  RX_CAPACITY = 4096,       /* receive records; see receive.c for why it cannot overflow */
  MAX_PEERS = 65536,
  ADDRESSES_PER_PEER = 8,
  FINGERPRINTS_PER_PEER = 8,
  PENDING_DTLS_DATAGRAMS = 4, /* kept until startDtls; a post-quantum ClientHello takes two */
};

/* Words of a packet record: what is sent. */
enum TxPacket {
  TX_PACKET_SLOT,
  TX_PACKET_PAYLOAD,
  TX_PACKET_MARKER_TYPE_SEQUENCE,
  TX_PACKET_TIMESTAMP,
  TX_PACKET_COUNTER_A,
  TX_PACKET_COUNTER_B,
  TX_PACKET_PREFIX_PADDING,
  TX_PACKET_EXTENSION,
};

/* Words of a run record: which packets, to whom, under which numbers. */
enum TxRun {
  TX_RUN_PACKETS,
  TX_RUN_PEER,
  TX_RUN_SSRC,
  TX_RUN_SEQUENCE,
  TX_RUN_ROLLOVER_COUNTER,
  TX_RUN_TIMESTAMP_OFFSET,
  TX_RUN_EXTENSION_A,
  TX_RUN_EXTENSION_B,
  TX_RUN_ADD_A,
  TX_RUN_ADD_B,
};

enum PacketKind { KIND_STUN = 0, KIND_RTP = 1, KIND_RTCP = 2, KIND_APPLICATION_DATA = 3 };

/* Order of the counters array; the same list is in packet-io.ts. */
enum Counter {
  RX_PACKETS,
  RX_BYTES,
  TX_PACKETS,
  TX_BYTES,
  RX_UNKNOWN_ADDRESS,
  RX_AUTH_FAILED,
  RX_REPLAYED,
  RX_INVALID,
  RX_NO_SLOT,
  TX_DROPPED,
  TX_INVALID,
  RX_CALLS,
  TX_CALLS,
  TX_MESSAGES,
  RX_WAITS,
  HANDED_OVER,
  HANDOVER_DROPPED,
  RELAYED,
  RELAY_DROPPED,
  RX_STOOD_IN,
  COUNTERS
};

typedef struct Io Io;           /* packet_io.h */
typedef struct Station Station; /* station.h */

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}
static inline void put32(uint8_t *p, uint32_t v) {
  put16(p, v >> 16);
  put16(p + 2, v);
}

#endif
