/* Addresses, and a table from a remote one to whose it is, a Peer or what else the table is for. */
#ifndef ADDRESS_TABLE_H
#define ADDRESS_TABLE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "layout.h"

typedef struct {
  uint8_t bytes[ADDRESS_BYTES]; /* family, local address, port, address: contract.ts */
} Address;

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} SocketAddress;

typedef struct {
  Address address;
  void *owner; /* NULL: free */
} AddressEntry;

typedef struct {
  AddressEntry *entries;
  uint32_t capacity, count; /* the former a power of two */
  uint64_t seed[2];
} AddressTable;

bool address_table_init(AddressTable *table);
void address_table_free(AddressTable *table);
/* Has fetched into the cache what finding the address needs. */
void address_table_prefetch(const AddressTable *table, const Address *address);
void *address_table_find(const AddressTable *table, const Address *address);
bool address_table_set(AddressTable *table, const Address *address, void *owner);
void address_table_remove(AddressTable *table, const Address *address);
/* All addresses of one owner. */
void address_table_remove_owner(AddressTable *table, const void *owner);

#endif
