/*
 * Fuzz target: the records that the bridge writes for sending, with a kernel that takes all, some or
 * nothing of it. They come from our own code, but a fault there must not become a read of foreign
 * memory. What must hold: the arena is as before, what was sent was sent whole and is in order.
 */
#include "fuzz.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { PEERS = 3 };

static const int ERRORS[] = {EAGAIN, EINVAL, EMSGSIZE, EIO, EPERM, ENOBUFS, EOPNOTSUPP, EINTR};
static Input kernel; /* what the kernel does, call by call */
static int refusals;
static bool is_flush; /* else it is RTCP, whose first bytes are the input's */

/* Of what goes out: it lies in one piece, and each packet in it is at least a header and a tag. */
static size_t check_message(const struct msghdr *header) {
  static volatile uint8_t sum;
  size_t length = header->msg_iov->iov_len, segment = length;
  const uint8_t *data = header->msg_iov->iov_base;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR((struct msghdr *)header, c)) {
    uint16_t bytes;
    if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_SEGMENT) continue;
    memcpy(&bytes, CMSG_DATA(c), sizeof bytes);
    segment = bytes;
  }
  fuzz_expect(segment > 0 && length <= 65507, "a message has a size the kernel takes");
  size_t packets = 0;
  for (size_t at = 0; at < length; at += segment, packets++) {
    fuzz_expect(length - at >= 12 && (!is_flush || data[at] >> 6 == 2), "a message holds RTP");
  }
  for (size_t i = 0; i < length; i++) sum = (uint8_t)(sum + data[i]); /* all of it can be read */
  return packets;
}

static bool is_refused(void) {
  uint8_t choice = take8(&kernel);
  /* EINTR for ever would be for ever. */
  if (choice < 0xc0 || ++refusals > 64) return false;
  errno = ERRORS[choice % (sizeof ERRORS / sizeof *ERRORS)];
  return true;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  (void)fd, (void)flags;
  if (is_refused()) return -1;
  unsigned taken = 1 + take8(&kernel) % count;
  for (unsigned i = 0; i < taken; i++) (void)check_message(&messages[i].msg_hdr);
  return (int)taken;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags) {
  (void)fd, (void)flags;
  (void)check_message(message);
  return is_refused() ? -1 : (ssize_t)message->msg_iov->iov_len;
}

int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, void *timeout) {
  (void)fd, (void)messages, (void)count, (void)flags, (void)timeout;
  return -1;
}

static void add_peers(Io *io, uint8_t choice) {
  static const uint8_t key[16] = {1}, salt[14] = {2};
  for (int i = 0; i < PEERS; i++) {
    Peer *peer = peer_add(io);
    Address address = {{i == 2 ? 6 : 4, 0, 1, (uint8_t)i, 127, 0, 0, 1}};
    fuzz_expect(peer && peer_bind(peer, &address), "a peer can be bound");
    /* The last one may have no keys yet. */
    if (i < 2 || choice & 1) {
      (void)peer_set_keys(peer, choice & 2 ? PROFILE_AES128_CM_SHA1_80 : PROFILE_AEAD_AES_128_GCM, key,
                          salt, key, salt);
    }
  }
}

/* A counter of 0 to 31 bits somewhere in the slot. */
static int32_t take_counter(Input *input) {
  uint32_t word = take16(input);
  return (int32_t)((word & 0x7ff) << 8 | word >> 11);
}

/* Records that are nearly right, else no input gets past the checks; single words are the fuzzer's own. */
static void write_records(Io *io, Input *input, int records) {
  for (int i = 0; i < records; i++) {
    int32_t *packet = io->tx_packets + (size_t)i * TX_PACKET_WORDS;
    int32_t *run = io->tx_runs + (size_t)i * TX_RUN_WORDS;
    uint8_t has = take8(input);
    memset(packet, 0, TX_PACKET_WORDS * sizeof *packet);
    memset(run, 0, TX_RUN_WORDS * sizeof *run);
    packet[TX_PACKET_SLOT] = take8(input) % FUZZ_SLOTS;
    packet[TX_PACKET_PAYLOAD] = (int32_t)take32(input) & 0x07ff07ff;
    packet[TX_PACKET_MARKER_TYPE_SEQUENCE] = (int32_t)(take32(input) & 0x807fffffu);
    if (has & 1) packet[TX_PACKET_COUNTER_A] = take_counter(input);
    if (has & 2) packet[TX_PACKET_COUNTER_B] = take_counter(input);
    if (has & 4) packet[TX_PACKET_PREFIX_PADDING] = (int32_t)take32(input);
    if (has & 8) packet[TX_PACKET_EXTENSION] = (int32_t)(11u << 28 | (take32(input) & 0x7ffff));
    run[TX_RUN_PACKETS] = take8(input) % records << 8 | (1 + take8(input) % 4);
    run[TX_RUN_PEER] = take8(input) % PEERS;
    run[TX_RUN_SSRC] = 7;
    run[TX_RUN_ADD_A] = run[TX_RUN_ADD_B] = take8(input);
    if (has & 16) run[TX_RUN_EXTENSION_A] = 5 << 28 | 1 << 24 | (int32_t)take16(input);
    for (int words = has >> 5; words > 4; words--) {
      uint8_t at = take8(input);
      int32_t word = (int32_t)take32(input);
      if (at & 0x80) packet[at % TX_PACKET_WORDS] = word;
      else run[at % TX_RUN_WORDS] = word;
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t before[FUZZ_SLOTS * SLOT_SIZE];
  Io *io = fuzz_io();
  Input input = {data, size};
  uint8_t choice = take8(&input);
  add_peers(io, choice);
  io->segmentation = choice & 4;
  io->equalize_bytes = choice >> 4;
  for (size_t i = 0; i < sizeof before; i++) io->arena[i] = (uint8_t)(i * 31 + choice);
  memcpy(before, io->arena, sizeof before);
  int records = 1 + take8(&input) % FUZZ_TX;
  const uint8_t *answers;
  kernel.left = take_bytes(&input, take8(&input), &answers);
  kernel.bytes = answers;
  refusals = 0;
  write_records(io, &input, records);
  double packets = io->counters[TX_PACKETS];
  is_flush = true;
  int sent = send_flush(io, records);
  is_flush = false;
  fuzz_expect(io->counters[TX_PACKETS] - packets == sent, "what was sent is counted");
  fuzz_expect(memcmp(before, io->arena, sizeof before) == 0, "the slots are as before");
  const uint8_t *rtcp;
  size_t length = take_bytes(&input, take16(&input) % (SLOT_SIZE + 2), &rtcp);
  (void)send_rtcp(peer_get(io, 0), rtcp, length);
  fuzz_expect(io->tx_capacity == FUZZ_TX && io->batch != NULL, "the instance is whole");
  fuzz_reset(io);
  return 0;
}
