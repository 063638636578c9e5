/*
 * One packet for one receiver: the RTP header from its run, the payload from its slot with the
 * receiver's counters and padding, encrypted into the send buffer. The slot is left as it was, since
 * the other receivers follow. Layouts of the records are those of contract.ts.
 */
#include "rtp_writer.h"
#include "packet_io.h"

#include <string.h>

enum { FIXED_HEADER = 12, EXTENSION_HEADER = 4, IN_PLACE_PADDING = 8 };

/* ---- checks: whatever JavaScript wrote, nothing outside a slot is touched ---- */

static bool is_extension(uint32_t word) {
  uint32_t id = word >> 28, bytes = (word >> 24 & 0x0f) + 1;
  return word == 0 || (id >= 1 && id <= 14 && bytes <= 3);
}

static uint32_t counter_bytes(uint32_t counter) { return (counter & 0xff) > 8 ? 2 : 1; }

/* `id << 28 | offset << 8 | bytes`: an element that lies in the slot. */
static uint32_t copied_offset(uint32_t word) { return word >> 8 & 0x7ff; }
static uint32_t copied_bytes(uint32_t word) { return word & 0xff; }

static bool is_copied_extension(uint32_t word) {
  uint32_t id = word >> 28, bytes = copied_bytes(word);
  return word == 0 ||
         (id >= 1 && id <= 14 && bytes >= 1 && copied_offset(word) + bytes <= SLOT_SIZE);
}

static bool is_counter(uint32_t counter, uint32_t payload_length) {
  uint32_t bits = counter & 0xff;
  return counter == 0 || (bits >= 1 && bits <= 16 &&
                          (counter >> 8) + counter_bytes(counter) <= payload_length);
}

bool rtp_packet_is_valid(const Io *io, const uint32_t *packet) {
  uint32_t offset = packet[TX_PACKET_PAYLOAD] >> 16, length = packet[TX_PACKET_PAYLOAD] & 0xffff;
  return packet[TX_PACKET_SLOT] < (uint32_t)io->slot_count && offset + length <= SLOT_SIZE &&
         (packet[TX_PACKET_MARKER_TYPE_SEQUENCE] & 0x7f800000u) == 0 &&
         is_copied_extension(packet[TX_PACKET_EXTENSION]) &&
         is_counter(packet[TX_PACKET_COUNTER_A], length) &&
         is_counter(packet[TX_PACKET_COUNTER_B], length);
}

bool rtp_run_is_valid(const Io *io, const uint32_t *run) {
  uint32_t first = run[TX_RUN_PACKETS] >> 8, packets = run[TX_RUN_PACKETS] & 0xff;
  return packets >= 1 && packets <= RUN_PACKETS &&
         first + packets <= (uint32_t)io->tx_capacity &&
         is_extension(run[TX_RUN_EXTENSION_A]) && is_extension(run[TX_RUN_EXTENSION_B]);
}

/* ---- the header ---- */

static size_t write_element(uint8_t *at, uint32_t word) {
  if (word == 0) return 0;
  size_t bytes = (word >> 24 & 0x0f) + 1;
  at[0] = (uint8_t)(word >> 24);
  for (size_t i = 0; i < bytes; i++) at[1 + i] = (uint8_t)(word >> (16 - 8 * i));
  return 1 + bytes;
}

/* One-byte header extensions (RFC 8285 §4.2); the bytes written, a multiple of four. */
static size_t write_extension(uint8_t *at, uint32_t a, uint32_t b) {
  if (a == 0 && b == 0) return 0;
  size_t length = write_element(at + EXTENSION_HEADER, a);
  length += write_element(at + EXTENSION_HEADER + length, b);
  while (length % 4) at[EXTENSION_HEADER + length++] = 0;
  put16(at, 0xbede);
  put16(at + 2, (uint32_t)(length / 4));
  return EXTENSION_HEADER + length;
}

static uint32_t element_bytes(uint32_t word) { return word == 0 ? 0 : 1 + (word >> 24 & 0x0f) + 1; }

uint32_t rtp_header_bytes(const uint32_t *run) {
  uint32_t elements = element_bytes(run[TX_RUN_EXTENSION_A]) + element_bytes(run[TX_RUN_EXTENSION_B]);
  return FIXED_HEADER + (elements ? EXTENSION_HEADER + ((elements + 3) & ~3u) : 0);
}

bool rtp_is_counted(const uint32_t *run) { return (run[TX_RUN_EXTENSION_A] >> 24 & 0x0f) == 1; }

void rtp_header_begin(RtpHeader *header, const uint32_t *run, const uint32_t *first_packet) {
  header->length = FIXED_HEADER + write_extension(header->bytes + FIXED_HEADER,
                                                  run[TX_RUN_EXTENSION_A], run[TX_RUN_EXTENSION_B]);
  header->bytes[0] = header->length > FIXED_HEADER ? 0x90 : 0x80;
  put32(header->bytes + 8, run[TX_RUN_SSRC]);
  header->first_index =
      (uint64_t)run[TX_RUN_ROLLOVER_COUNTER] << 16 | (run[TX_RUN_SEQUENCE] & 0xffff);
  header->first_sequence = (uint16_t)first_packet[TX_PACKET_MARKER_TYPE_SEQUENCE];
}

/* What differs within a run; returns the packet's roll-over counter. */
static uint32_t advance(RtpHeader *header, const uint32_t *run, const uint32_t *packet, uint32_t at) {
  uint32_t word = packet[TX_PACKET_MARKER_TYPE_SEQUENCE];
  uint64_t index = header->first_index + (uint16_t)(word - header->first_sequence);
  bool is_last = at + 1 == (run[TX_RUN_PACKETS] & 0xff);
  uint32_t marker = word >> 31 | (is_last ? run[TX_RUN_ADD_B] >> 15 & 1 : 0);
  header->bytes[1] = (uint8_t)(marker << 7 | (word >> 16 & 0x7f));
  put16(header->bytes + 2, (uint32_t)index & 0xffff);
  put32(header->bytes + 4, packet[TX_PACKET_TIMESTAMP] + run[TX_RUN_TIMESTAMP_OFFSET]);
  uint32_t a = run[TX_RUN_EXTENSION_A];
  if (at > 0 && rtp_is_counted(run)) {
    put16(header->bytes + FIXED_HEADER + EXTENSION_HEADER + 1, (a >> 8) + at);
  }
  return (uint32_t)(index >> 16);
}

/* An element in the two-byte form, if `wide`, or the one-byte form (RFC 8285 §4.3, §4.2); the bytes written. */
static size_t write_copied(uint8_t *at, bool wide, uint32_t id, const uint8_t *data, size_t bytes) {
  at[0] = (uint8_t)(wide ? id : id << 4 | (bytes - 1));
  if (wide) at[1] = (uint8_t)bytes;
  memcpy(at + (wide ? 2 : 1), data, bytes);
  return (wide ? 2 : 1) + bytes;
}

static size_t rewrite_element(uint8_t *at, bool wide, uint32_t word) {
  if (word == 0) return 0;
  uint8_t element[17];
  size_t bytes = write_element(element, word) - 1;
  return write_copied(at, wide, word >> 28, element + 1, bytes);
}

/*
 * The header of a packet that takes an extension element from its slot along: longer than the one that
 * the run's packets share. `out` holds that one; returns the length.
 */
static size_t extend_header(const Io *io, const RtpHeader *header, const uint32_t *run,
                            const uint32_t *packet, uint8_t *out) {
  uint32_t word = packet[TX_PACKET_EXTENSION], bytes = copied_bytes(word);
  const uint8_t *data =
      io->arena + (size_t)packet[TX_PACKET_SLOT] * SLOT_SIZE + copied_offset(word);
  bool wide = bytes > 16;
  uint8_t *start = out + FIXED_HEADER + EXTENSION_HEADER;
  /* As it was numbered in `header` for this packet. */
  uint32_t a = run[TX_RUN_EXTENSION_A];
  if (rtp_is_counted(run)) {
    a = (a & 0xff000000u) |
        (uint32_t)get16(header->bytes + FIXED_HEADER + EXTENSION_HEADER + 1) << 8;
  }
  size_t length = rewrite_element(start, wide, a);
  length += rewrite_element(start + length, wide, run[TX_RUN_EXTENSION_B]);
  uint8_t *copy = start + length + (wide ? 2 : 1);
  length += write_copied(start + length, wide, word >> 28, data, bytes);
  if (bytes >= 3) put16(copy + 1, get16(copy + 1) + run[TX_RUN_ADD_A]);
  while (length % 4) start[length++] = 0;
  out[0] |= 0x10;
  put16(out + FIXED_HEADER, wide ? 0x1000 : 0xbede);
  put16(out + FIXED_HEADER + 2, (uint32_t)(length / 4));
  return FIXED_HEADER + EXTENSION_HEADER + length;
}

/* ---- the payload ---- */

/* Adds to the low bits of one or two bytes; what is above them stays. */
static void add_to_counter(uint8_t *payload, uint32_t counter, uint32_t add) {
  if (counter == 0 || add == 0) return;
  uint8_t *at = payload + (counter >> 8);
  uint32_t mask = (1u << (counter & 0xff)) - 1;
  if (counter_bytes(counter) == 2) {
    uint32_t old = get16(at);
    put16(at, (old & ~mask) | ((old + add) & mask));
  } else {
    at[0] = (uint8_t)((at[0] & ~mask) | ((at[0] + add) & mask));
  }
}

static void write_padding(uint8_t *at, uint32_t padding) {
  if (padding == 0) return;
  memset(at, 0, padding);
  at[padding - 1] = (uint8_t)padding;
}

uint32_t rtp_padding(const uint32_t *packet) { return packet[TX_PACKET_PREFIX_PADDING] & 0xff; }

static bool has_prefix(const uint32_t *packet) {
  return packet[TX_PACKET_PREFIX_PADDING] >> 8 & 1;
}

uint32_t rtp_body_bytes(const uint32_t *packet) {
  return (has_prefix(packet) ? 2 : 0) + (packet[TX_PACKET_PAYLOAD] & 0xffff) + rtp_padding(packet);
}

/* The common case: encrypts straight from the slot, changed for as long as that takes. */
static size_t seal_from_slot(SrtpCipher *sender, const uint32_t *run, const uint32_t *packet,
                             uint8_t *payload, size_t length, uint32_t padding, uint8_t *out,
                             size_t header, uint32_t roc) {
  uint32_t a = packet[TX_PACKET_COUNTER_A], b = packet[TX_PACKET_COUNTER_B];
  uint8_t *at_a = payload + (a >> 8), *at_b = payload + (b >> 8), *end = payload + length;
  uint8_t behind[IN_PLACE_PADDING];
  /* Two bytes each: there is room behind the last byte of the payload. */
  uint16_t before_a, before_b;
  memcpy(&before_a, at_a, 2);
  memcpy(&before_b, at_b, 2);
  if (padding) memcpy(behind, end, padding);
  add_to_counter(payload, a, run[TX_RUN_ADD_A]);
  add_to_counter(payload, b, run[TX_RUN_ADD_B]);
  write_padding(end, padding);
  size_t bytes = srtp_protect_rtp(sender, out, header, payload, length + padding, roc);
  if (padding) memcpy(end, behind, padding);
  memcpy(at_b, &before_b, 2);
  memcpy(at_a, &before_a, 2);
  return bytes;
}

/* With a prefix, or without room in the slot: a copy is written behind the header first. */
static size_t seal_copy(SrtpCipher *sender, const uint32_t *run, const uint32_t *packet,
                        const uint8_t *payload, size_t length, uint32_t padding, uint8_t *out,
                        size_t header, uint32_t roc) {
  uint8_t *plain = out + header;
  size_t before = has_prefix(packet) ? 2 : 0;
  if (before) put16(plain, packet[TX_PACKET_PREFIX_PADDING] >> 16);
  memcpy(plain + before, payload, length);
  add_to_counter(plain + before, packet[TX_PACKET_COUNTER_A], run[TX_RUN_ADD_A]);
  add_to_counter(plain + before, packet[TX_PACKET_COUNTER_B], run[TX_RUN_ADD_B]);
  write_padding(plain + before + length, padding);
  return srtp_protect_rtp(sender, out, header, plain, before + length + padding, roc);
}

size_t rtp_write(Io *io, SrtpCipher *sender, RtpHeader *header, const uint32_t *run,
                 const uint32_t *packet, uint32_t at, uint32_t more, uint8_t *out) {
  uint32_t roc = advance(header, run, packet, at);
  uint32_t offset = packet[TX_PACKET_PAYLOAD] >> 16, length = packet[TX_PACKET_PAYLOAD] & 0xffff;
  uint32_t padding = rtp_padding(packet) + more;
  uint8_t *payload = io->arena + (size_t)packet[TX_PACKET_SLOT] * SLOT_SIZE + offset;
  memcpy(out, header->bytes, RTP_HEADER_MAX);
  size_t header_bytes = header->length;
  if (packet[TX_PACKET_EXTENSION]) header_bytes = extend_header(io, header, run, packet, out);
  if (padding) out[0] |= 0x20;
  bool in_slot = !has_prefix(packet) && padding <= IN_PLACE_PADDING &&
                 offset + length + padding + 2 <= SLOT_SIZE;
  return in_slot ? seal_from_slot(sender, run, packet, payload, length, padding, out, header_bytes,
                                  roc)
                 : seal_copy(sender, run, packet, payload, length, padding, out, header_bytes, roc);
}
