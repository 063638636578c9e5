/* A peer: the remote addresses it owns, its keys, its DTLS association. Handles are small and reused. */
#include "socket.h"
#include "station.h"

#include <stdlib.h>
#include <string.h>

Peer *peer_add(Io *io) {
  int handle = 0;
  while (handle < io->peer_capacity && io->peers[handle]) handle++;
  if (handle == MAX_PEERS) return NULL;
  if (handle == io->peer_capacity) {
    int capacity = io->peer_capacity ? io->peer_capacity * 2 : 16;
    Peer **peers = realloc(io->peers, (size_t)capacity * sizeof *peers);
    if (!peers) return NULL;
    memset(peers + io->peer_capacity, 0, (size_t)(capacity - io->peer_capacity) * sizeof *peers);
    io->peers = peers;
    io->peer_capacity = capacity;
  }
  /* What sending touches are then the first two lines. */
  Peer *peer = aligned_alloc(_Alignof(Peer), sizeof *peer);
  if (!peer) return NULL;
  memset(peer, 0, sizeof *peer);
  peer->io = io;
  peer->handle = handle;
  peer->tx_head = peer->tx_tail = -1;
  peer->relay.station = -1;
  io->peers[handle] = peer;
  return peer;
}

static void drop_keys(Peer *peer) {
  if (!peer->has_keys) return;
  srtp_receiver_free(&peer->receiver);
  srtp_cipher_free(&peer->sender);
  peer->has_keys = false;
}

void peer_remove(Peer *peer) {
  Io *io = peer->io;
  drop_keys(peer);
  for (int i = 0; i < peer->address_count; i++) {
    address_table_remove(&io->table, &peer->addresses[i]);
    station_release(io, &peer->addresses[i]);
  }
  int kept = 0;
  for (int i = 0; i < io->event_count; i++) {
    if (io->events[i].handle != peer->handle) io->events[kept++] = io->events[i];
  }
  io->event_count = kept;
  io->peers[peer->handle] = NULL;
  free(peer);
}

Peer *peer_get(Io *io, int64_t handle) {
  return handle >= 0 && handle < io->peer_capacity ? io->peers[handle] : NULL;
}

static void forget_address(Peer *peer, const Address *address) {
  for (int i = 0; i < peer->address_count; i++) {
    if (memcmp(&peer->addresses[i], address, sizeof *address) != 0) continue;
    memmove(&peer->addresses[i], &peer->addresses[i + 1],
            (size_t)(peer->address_count - i - 1) * sizeof *address);
    peer->address_count--;
    return;
  }
}

static bool is_destination(const Peer *peer, const Address *address) {
  if (peer->destination_length == 0) return false;
  Address destination;
  address_from_socket(&peer->destination, &destination);
  destination.bytes[1] = peer->local;
  return memcmp(&destination, address, sizeof destination) == 0;
}

bool peer_allow(Peer *peer, const Address *address) {
  AddressTable *table = &peer->io->table;
  Peer *owner = address_table_find(table, address);
  if (owner) return owner == peer;
  if (!station_claim(peer->io, address, false)) return false;
  if (peer->address_count == ADDRESSES_PER_PEER) {
    int oldest = is_destination(peer, &peer->addresses[0]) ? 1 : 0;
    Address gone = peer->addresses[oldest];
    forget_address(peer, &gone);
    address_table_remove(table, &gone);
    station_release(peer->io, &gone);
  }
  if (!address_table_set(table, address, peer)) {
    station_release(peer->io, address);
    return false;
  }
  peer->addresses[peer->address_count++] = *address;
  return true;
}

/* The other side proved that it has this address now: a NAT gave the port to somebody else. */
void peer_lose_address(Io *io, const Address *address) {
  Peer *owner = address_table_find(&io->table, address);
  if (!owner) return;
  if (is_destination(owner, address)) owner->destination_length = 0;
  forget_address(owner, address);
  address_table_remove(&io->table, address);
}

bool peer_bind(Peer *peer, const Address *address) {
  SocketAddress destination;
  socklen_t length;
  if (!address_to_socket(peer->io, address, &destination, &length)) return false;
  Peer *owner = address_table_find(&peer->io->table, address);
  if (owner && owner != peer) peer_lose_address(peer->io, address);
  if (!station_claim(peer->io, address, true)) return false;
  if (!peer_allow(peer, address)) return false;
  peer->destination = destination;
  peer->destination_length = length;
  peer->local = address->bytes[1];
  peer->no_segmentation = false;
  return true;
}

bool peer_set_keys(Peer *peer, SrtpProfile profile, const uint8_t *rx_key, const uint8_t *rx_salt,
                   const uint8_t *tx_key, const uint8_t *tx_salt) {
  drop_keys(peer);
  if (!srtp_cipher_init(&peer->receiver.cipher, profile, rx_key, rx_salt, false)) return false;
  if (!srtp_cipher_init(&peer->sender, profile, tx_key, tx_salt, true)) {
    srtp_receiver_free(&peer->receiver);
    return false;
  }
  peer->rtcp_index = 1;
  peer->has_keys = true;
  return true;
}
