/*
 * From a remote address to whose it is: a chained hash table, seeded so that nobody can choose
 * addresses that collide. Only addresses that a peer was given are in it.
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

static uint32_t bucket_of(const AddressTable *table, const Address *address) {
  uint64_t a, b;
  uint32_t c;
  memcpy(&c, address->bytes, 4);
  memcpy(&a, address->bytes + 4, 8);
  memcpy(&b, address->bytes + 12, 8);
  uint64_t h = mix(table->seed[0] ^ a);
  h = mix(h ^ b ^ table->seed[1]);
  return (uint32_t)(mix(h ^ c) & (table->bucket_count - 1));
}

bool address_table_init(AddressTable *table) {
  table->bucket_count = 64;
  table->buckets = calloc(table->bucket_count, sizeof *table->buckets);
  return table->buckets && RAND_bytes((uint8_t *)table->seed, sizeof table->seed) == 1;
}

void address_table_free(AddressTable *table) {
  for (uint32_t i = 0; table->buckets && i < table->bucket_count; i++) {
    for (AddressEntry *entry = table->buckets[i]; entry;) {
      AddressEntry *next = entry->next;
      free(entry);
      entry = next;
    }
  }
  free(table->buckets);
  memset(table, 0, sizeof *table);
}

static AddressEntry **find(const AddressTable *table, const Address *address) {
  AddressEntry **link = &table->buckets[bucket_of(table, address)];
  while (*link && memcmp((*link)->address.bytes, address->bytes, ADDRESS_BYTES) != 0) {
    link = &(*link)->next;
  }
  return link;
}

void *address_table_find(const AddressTable *table, const Address *address) {
  AddressEntry *entry = *find(table, address);
  return entry ? entry->owner : NULL;
}

static void grow(AddressTable *table) {
  AddressTable bigger = *table;
  bigger.bucket_count *= 2;
  bigger.buckets = calloc(bigger.bucket_count, sizeof *bigger.buckets);
  if (!bigger.buckets) return; /* longer chains, still right */
  for (uint32_t i = 0; i < table->bucket_count; i++) {
    for (AddressEntry *entry = table->buckets[i]; entry;) {
      AddressEntry *next = entry->next;
      uint32_t bucket = bucket_of(&bigger, &entry->address);
      entry->next = bigger.buckets[bucket];
      bigger.buckets[bucket] = entry;
      entry = next;
    }
  }
  free(table->buckets);
  *table = bigger;
}

bool address_table_set(AddressTable *table, const Address *address, void *owner) {
  AddressEntry **link = find(table, address);
  if (*link) {
    (*link)->owner = owner;
    return true;
  }
  AddressEntry *entry = malloc(sizeof *entry);
  if (!entry) return false;
  entry->next = NULL;
  entry->address = *address;
  entry->owner = owner;
  *link = entry;
  if (++table->count > table->bucket_count) grow(table);
  return true;
}

void address_table_remove(AddressTable *table, const Address *address) {
  AddressEntry **link = find(table, address);
  AddressEntry *entry = *link;
  if (!entry) return;
  *link = entry->next;
  table->count--;
  free(entry);
}

void address_table_remove_owner(AddressTable *table, const void *owner) {
  for (uint32_t i = 0; i < table->bucket_count; i++) {
    for (AddressEntry **link = &table->buckets[i]; *link;) {
      AddressEntry *entry = *link;
      if (entry->owner != owner) {
        link = &entry->next;
        continue;
      }
      *link = entry->next;
      table->count--;
      free(entry);
    }
  }
}
