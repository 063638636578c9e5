/* Slots of the arena, and the records that tell TypeScript what arrived in them. */
#include "records.h"
#include "packet_io.h"

#include <string.h>

int slot_take(Io *io) {
  int32_t top = io->free_slots[0];
  if (top <= 0 || top > io->slot_count) return -1;
  int32_t slot = io->free_slots[top];
  if (slot < 0 || slot >= io->slot_count) return -1;
  io->free_slots[0] = top - 1;
  io->taken[slot] = 1;
  return slot;
}

void slot_release(Io *io, int slot) {
  int32_t top = io->free_slots[0];
  if (top < 0 || top >= io->slot_count) return;
  io->taken[slot] = 0;
  io->free_slots[top + 1] = slot;
  io->free_slots[0] = top + 1;
}

void receive_record(Io *io, int slot, size_t length, int kind, int peer, const Address *from) {
  if (io->rx_count == RX_CAPACITY) {
    slot_release(io, slot);
    count(io, RX_NO_SLOT, 1);
    return;
  }
  int32_t *record = io->rx + (size_t)io->rx_count++ * RX_WORDS;
  record[0] = slot;
  record[1] = (int32_t)length;
  record[2] = kind;
  record[3] = peer;
  record[4] = io->rx_age_us;
  memcpy(io->addresses + (size_t)slot * ADDRESS_BYTES, from->bytes, ADDRESS_BYTES);
}
