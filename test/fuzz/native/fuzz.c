#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_expect(bool holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", promise);
  abort();
}

static Io *create(void) {
  Io *io = calloc(1, sizeof *io);
  if (!io) abort();
  io->fd = -1;
  io->family = AF_INET6;
  io->segmentation = true;
  io->max_datagram = 1472;
  io->equalize_bytes = 1;
  io->slot_count = FUZZ_SLOTS;
  io->tx_capacity = FUZZ_TX;
  io->arena = calloc(FUZZ_SLOTS, SLOT_SIZE);
  io->free_slots = calloc(FUZZ_SLOTS + 1, sizeof *io->free_slots);
  io->taken = calloc(FUZZ_SLOTS, 1);
  io->rx = calloc(RX_CAPACITY, RX_WORDS * sizeof *io->rx);
  io->tx_packets = calloc(FUZZ_TX, TX_PACKET_WORDS * sizeof *io->tx_packets);
  io->tx_runs = calloc(FUZZ_TX, TX_RUN_WORDS * sizeof *io->tx_runs);
  io->addresses = calloc(FUZZ_SLOTS, ADDRESS_BYTES);
  io->counters = calloc(COUNTERS, sizeof *io->counters);
  char *certificate = NULL, *key = NULL;
  fuzz_expect(io->arena && io->free_slots && io->taken && io->rx && io->tx_packets && io->tx_runs &&
                  io->addresses && io->counters && address_table_init(&io->table) && receive_init(io) &&
                  send_init(io) && certificate_create("fuzz", "", 7, &certificate, &key) &&
                  dtls_context_init(io, certificate, key,
                                    "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"),
              "an Io can be made");
  free(certificate);
  free(key);
  io->free_slots[0] = FUZZ_SLOTS;
  for (int i = 1; i <= FUZZ_SLOTS; i++) io->free_slots[i] = FUZZ_SLOTS - i;
  return io;
}

Io *fuzz_io(void) {
  static Io *io;
  if (!io) io = create();
  return io;
}

void fuzz_reset(Io *io) {
  for (int i = 0; i < io->peer_capacity; i++) {
    if (!io->peers[i]) continue;
    dtls_free(io->peers[i]);
    peer_remove(io->peers[i]);
  }
  fuzz_expect(io->table.count == 0, "no address is left when there are no peers");
  fuzz_expect(io->handshakes == 0, "no handshake is left when there are no peers");
  fuzz_expect(io->event_count == 0, "no event is left of peers that are gone");
  fuzz_expect(io->free_slots[0] == FUZZ_SLOTS, "every slot is free again");
  bool seen[FUZZ_SLOTS] = {false};
  for (int i = 1; i <= FUZZ_SLOTS; i++) {
    int slot = io->free_slots[i];
    fuzz_expect(slot >= 0 && slot < FUZZ_SLOTS && !seen[slot] && !io->taken[slot],
                "every slot is free once");
    seen[slot] = true;
  }
  memset(io->counters, 0, COUNTERS * sizeof *io->counters);
}

uint8_t take8(Input *input) {
  if (input->left == 0) return 0;
  input->left--;
  return *input->bytes++;
}

uint16_t take16(Input *input) {
  uint16_t high = take8(input);
  return (uint16_t)(high << 8 | take8(input));
}

uint32_t take32(Input *input) {
  uint32_t high = take16(input);
  return high << 16 | take16(input);
}

size_t take_bytes(Input *input, size_t wanted, const uint8_t **out) {
  size_t bytes = wanted < input->left ? wanted : input->left;
  *out = input->bytes;
  input->bytes += bytes;
  input->left -= bytes;
  return bytes;
}
