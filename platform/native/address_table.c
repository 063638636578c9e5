/*
 * From a remote address to whose it is: a hash table in one piece (a packet waits for one line of memory), seeded so that
 * nobody can choose addresses that collide. Only addresses that a peer was given are in it.
 */
#include "address_table.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93ull;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93ull;
  return h ^ h >> 32;
}

static uint32_t place_of(const AddressTable *table, const Address *address) {
  uint64_t a, b;
  uint32_t c;
  memcpy(&c, address->bytes, 4);
  memcpy(&a, address->bytes + 4, 8);
  memcpy(&b, address->bytes + 12, 8);
  uint64_t h = mix(table->seed[0] ^ a);
  h = mix(h ^ b ^ table->seed[1]);
  return (uint32_t)(mix(h ^ c) & (table->capacity - 1));
}

/* Never more than half full. */
static bool has_room(const AddressTable *table) { return table->count * 2 < table->capacity; }

bool address_table_init(AddressTable *table) {
  table->capacity = 128;
  table->entries = calloc(table->capacity, sizeof *table->entries);
  return table->entries && RAND_bytes((uint8_t *)table->seed, sizeof table->seed) == 1;
}

void address_table_free(AddressTable *table) {
  free(table->entries);
  memset(table, 0, sizeof *table);
}

/* Where the address is, or the free entry where it belongs. */
static AddressEntry *find(const AddressTable *table, const Address *address) {
  uint32_t at = place_of(table, address);
  while (table->entries[at].owner &&
         memcmp(table->entries[at].address.bytes, address->bytes, ADDRESS_BYTES) != 0) {
    at = (at + 1) & (table->capacity - 1);
  }
  return &table->entries[at];
}

void address_table_prefetch(const AddressTable *table, const Address *address) {
  __builtin_prefetch(&table->entries[place_of(table, address)]);
}

void *address_table_find(const AddressTable *table, const Address *address) {
  return find(table, address)->owner;
}

static bool grow(AddressTable *table) {
  AddressTable bigger = *table;
  bigger.capacity *= 2;
  bigger.entries = calloc(bigger.capacity, sizeof *bigger.entries);
  if (!bigger.entries) return false;
  for (uint32_t i = 0; i < table->capacity; i++) {
    const AddressEntry *entry = &table->entries[i];
    if (entry->owner) *find(&bigger, &entry->address) = *entry;
  }
  free(table->entries);
  *table = bigger;
  return true;
}

bool address_table_set(AddressTable *table, const Address *address, void *owner) {
  AddressEntry *entry = find(table, address);
  if (!entry->owner) {
    if (!has_room(table)) {
      if (!grow(table)) return false;
      entry = find(table, address);
    }
    entry->address = *address;
    table->count++;
  }
  entry->owner = owner;
  return true;
}

/* Whoever stands behind a gap, and would be looked for before it, moves into it. */
static void close_gap(AddressTable *table, uint32_t gap) {
  uint32_t mask = table->capacity - 1;
  for (uint32_t at = (gap + 1) & mask; table->entries[at].owner; at = (at + 1) & mask) {
    uint32_t place = place_of(table, &table->entries[at].address);
    if (((at - place) & mask) < ((at - gap) & mask)) continue;
    table->entries[gap] = table->entries[at];
    gap = at;
  }
  table->entries[gap].owner = NULL;
}

void address_table_remove(AddressTable *table, const Address *address) {
  AddressEntry *entry = find(table, address);
  if (!entry->owner) return;
  close_gap(table, (uint32_t)(entry - table->entries));
  table->count--;
}

void address_table_remove_owner(AddressTable *table, const void *owner) {
  for (uint32_t i = 0; i < table->capacity;) {
    if (table->entries[i].owner != owner) {
      i++;
      continue;
    }
    /* Another may stand here now. */
    close_gap(table, i);
    table->count--;
  }
}
