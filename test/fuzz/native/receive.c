/*
 * Fuzz target: what the network sends to the addon. The input is a list of steps: datagrams with an
 * address and the kernel's control data (run sizes, time stamps, cut off or not), encrypted for the peer
 * or not, and what the bridge does meanwhile: peers, addresses, DTLS, keys, time. What must hold is
 * that each datagram is counted once, each record is sound, and every slot comes back.
 */
#include "fuzz.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
  PEERS = 4,
  DATAGRAM_BYTES = 4096, /* of a datagram here; a run of them when the kernel says so */
  STEPS = 64,
};

enum Flag {
  FLAG_ENCRYPT = 1, /* with the key that the peer decrypts with */
  FLAG_TRUNCATED = 2,
  FLAG_RUN = 4, /* UDP_GRO */
  FLAG_TIME = 8,
  FLAG_NO_NAME = 16,
  FLAG_STRANGER = 32,
  FLAG_LOCAL = 64, /* which of our addresses it came to */
};

/* What recvmmsg gives next. */
static struct {
  bool is_there;
  uint8_t bytes[DATAGRAM_BYTES + SRTP_MAX_OVERHEAD];
  size_t length;
  uint8_t flags;
  int run_bytes;
  uint32_t seconds;
  Address from;
} datagram;

static int peer_handles[PEERS];
static SrtpCipher senders[PEERS]; /* the other side's */

static void put_control(struct msghdr *header, int level, int type, const void *data, size_t length) {
  struct cmsghdr *c = (struct cmsghdr *)((char *)header->msg_control + header->msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(c), data, length);
  header->msg_controllen += CMSG_SPACE(length);
}

int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, void *timeout) {
  (void)fd, (void)flags, (void)timeout;
  if (!datagram.is_there || count == 0) {
    errno = EAGAIN;
    return -1;
  }
  datagram.is_there = false;
  struct msghdr *header = &messages[0].msg_hdr;
  size_t room = header->msg_controllen;
  header->msg_controllen = 0;
  SocketAddress from;
  socklen_t length = 0;
  fuzz_expect(address_to_socket(fuzz_io(), &datagram.from, &from, &length), "addresses convert");
  memcpy(header->msg_name, &from, length);
  header->msg_namelen = datagram.flags & FLAG_NO_NAME ? 0 : length;
  header->msg_flags = datagram.flags & FLAG_TRUNCATED ? MSG_TRUNC : 0;
  memcpy(header->msg_iov->iov_base, datagram.bytes, datagram.length);
  messages[0].msg_len = (unsigned)datagram.length;
  if (datagram.flags & FLAG_TIME && room >= CMSG_SPACE(sizeof(struct timespec))) {
    struct timespec at = {.tv_sec = datagram.seconds};
    put_control(header, SOL_SOCKET, SCM_TIMESTAMPNS, &at, sizeof at);
  }
  if (datagram.flags & FLAG_RUN && room - header->msg_controllen >= CMSG_SPACE(sizeof(int))) {
    put_control(header, IPPROTO_UDP, UDP_GRO, &datagram.run_bytes, sizeof datagram.run_bytes);
  }
  if (datagram.flags & FLAG_LOCAL && room - header->msg_controllen >= CMSG_SPACE(sizeof(struct in6_pktinfo))) {
    struct in6_pktinfo info = {.ipi6_ifindex = datagram.seconds};
    memset(&info.ipi6_addr, (int)(datagram.seconds & 3), sizeof info.ipi6_addr);
    put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  }
  return 1;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  (void)fd, (void)messages, (void)flags;
  return (int)count;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags) {
  (void)fd, (void)flags;
  return (ssize_t)message->msg_iov->iov_len;
}

static Address address_of(uint8_t number, bool is_stranger) {
  Address address = {{number & 0x80 ? 6 : 4, 0, is_stranger ? 9 : 1, number & 0x0f}};
  if (number & 0x80) memset(address.bytes + 4, 0x20, 16);
  else memcpy(address.bytes + 4, (uint8_t[]){127, 0, 0, 1}, 4);
  return address;
}

static void add_peer(Io *io, int index) {
  Peer *old = peer_get(io, peer_handles[index]);
  if (old) {
    dtls_free(old);
    peer_remove(old);
  }
  Peer *peer = peer_add(io);
  fuzz_expect(peer != NULL, "a peer can be made");
  peer_handles[index] = peer->handle;
  Address address = address_of((uint8_t)index, false);
  fuzz_expect(peer_bind(peer, &address), "a peer can be bound");
}

static void set_keys(Io *io, int index, uint8_t choice) {
  Peer *peer = peer_get(io, peer_handles[index]);
  if (!peer) return;
  SrtpProfile profile = choice & 1 ? PROFILE_AES128_CM_SHA1_80 : PROFILE_AEAD_AES_128_GCM;
  uint8_t key[16] = {(uint8_t)index, 1}, salt[14] = {2};
  srtp_cipher_free(&senders[index]);
  fuzz_expect(peer_set_keys(peer, profile, key, salt, key, salt) &&
                  srtp_cipher_init(&senders[index], profile, key, salt, true),
              "keys can be set");
}

static void start_dtls(Io *io, int index, uint8_t choice) {
  Peer *peer = peer_get(io, peer_handles[index]);
  if (!peer) return;
  peer->fingerprint_count = 1;
  peer->fingerprints[0].hash = 256;
  (void)dtls_start(peer, choice & 1);
}

/* As the other side would: so that what follows decryption is reached. */
static size_t encrypt(uint8_t *packet, size_t length, int index, uint32_t roc) {
  SrtpCipher *sender = &senders[index];
  if (sender->profile == PROFILE_NONE || length < 12) return length;
  if (packet[1] >= 192 && packet[1] <= 223) return srtcp_protect(sender, packet, length, roc);
  size_t header = 12 + 4u * (packet[0] & 15);
  if (packet[0] & 0x10 && length >= header + 4) header += 4 + 4u * get16(packet + header + 2);
  if (header > length) return length;
  return srtp_protect_rtp(sender, packet, header, packet + header, length - header, roc);
}

static void check_records(Io *io) {
  for (int i = 0; i < io->rx_count; i++) {
    const int32_t *record = io->rx + (size_t)i * RX_WORDS;
    fuzz_expect(record[0] >= 0 && record[0] < FUZZ_SLOTS && io->taken[record[0]] == 1,
                "a record names a taken slot");
    fuzz_expect(record[1] >= 0 && record[1] <= SLOT_SIZE, "a record's length fits its slot");
    fuzz_expect(record[2] >= KIND_STUN && record[2] <= KIND_APPLICATION_DATA, "a record has a kind");
    fuzz_expect(record[2] == KIND_STUN || record[2] == KIND_APPLICATION_DATA || record[1] >= 8,
                "what was decrypted has a header");
    fuzz_expect(record[3] == -1 ? record[2] == KIND_STUN : peer_get(io, record[3]) != NULL,
                "a record's peer is there");
    slot_release(io, record[0]);
  }
}

static void receive(Io *io, Input *input) {
  datagram.flags = take8(input);
  uint8_t from = take8(input);
  int index = from % PEERS;
  datagram.run_bytes = take16(input);
  uint32_t number = take32(input);
  datagram.seconds = number;
  const uint8_t *bytes;
  datagram.length = take_bytes(input, take16(input) % (DATAGRAM_BYTES + 1), &bytes);
  memcpy(datagram.bytes, bytes, datagram.length);
  datagram.from = address_of(from, datagram.flags & FLAG_STRANGER);
  if (datagram.flags & FLAG_ENCRYPT) {
    datagram.length = encrypt(datagram.bytes, datagram.length, index, number & 0x7fffffff);
  }
  datagram.is_there = true;
  double before = io->counters[RX_PACKETS];
  receive_begin(io);
  receive_drain(io);
  double seen = io->counters[RX_PACKETS] - before;
  fuzz_expect(datagram.flags & FLAG_RUN || seen <= 1, "a datagram is counted once");
  check_records(io);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Io *io = fuzz_io();
  Input input = {data, size};
  for (int i = 0; i < PEERS; i++) peer_handles[i] = -1;
  for (int i = 0; i < PEERS; i++) add_peer(io, i);
  for (int step = 0; step < STEPS && input.left > 0; step++) {
    uint8_t operation = take8(&input), choice = operation >> 3;
    int index = choice % PEERS;
    switch (operation & 7) {
      case 0:
        add_peer(io, index);
        break;
      case 1:
        set_keys(io, index, take8(&input));
        break;
      case 2:
        start_dtls(io, index, take8(&input));
        break;
      case 3: {
        Peer *peer = peer_get(io, peer_handles[index]);
        Address address = address_of(take8(&input), choice & 8);
        if (peer && choice & 16) (void)peer_bind(peer, &address);
        else if (peer) (void)peer_allow(peer, &address);
        break;
      }
      case 4:
        dtls_tick(io);
        break;
      default:
        receive(io, &input);
    }
  }
  for (int i = 0; i < PEERS; i++) srtp_cipher_free(&senders[i]);
  fuzz_reset(io);
  return 0;
}
