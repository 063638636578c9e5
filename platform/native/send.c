/*
 * Sending: descriptors are checked, grouped by peer in order, written as RTP, encrypted, and handed
 * to the kernel in few calls. A run of packets of one size to one peer is one message with
 * UDP_SEGMENT; packets of a run lie one behind the other in the send buffer.
 */
#include "packet_io.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
  BUFFER_BYTES = 256 * 1024, /* stays in the second-level cache */
  MESSAGES = 256,
  SEGMENTS = 64, /* UDP_MAX_SEGMENTS of older kernels */
  RUN_BYTES = 64000,
  HEADER = 12,
  IN_PLACE_PADDING = 8,
  /* Header, extension (4 + 8), prefix, payload, padding, tag. */
  PACKET_ROOM = HEADER + 12 + 2 + SLOT_SIZE + 255 + SRTP_MAX_OVERHEAD,
};

typedef struct {
  Peer *peer;
  size_t segment_bytes; /* of the first packet: what every but the last one has */
  int packets;
  bool open; /* another packet may join */
} Run;

struct SendBatch {
  uint8_t *buffer;
  size_t used;
  int count;
  int sent; /* packets of this flush that the kernel took */
  int32_t *next;
  int32_t *active; /* handles of peers in this flush, in order of appearance */
  Run runs[MESSAGES];
  struct mmsghdr messages[MESSAGES];
  struct iovec vectors[MESSAGES];
  _Alignas(struct cmsghdr) char control[MESSAGES][CMSG_SPACE(sizeof(uint16_t))];
};

bool send_init(Io *io) {
  SendBatch *batch = io->batch = calloc(1, sizeof *batch);
  if (!batch) return false;
  batch->buffer = malloc(BUFFER_BYTES);
  batch->next = malloc((size_t)io->tx_capacity * sizeof *batch->next);
  batch->active = malloc((size_t)io->tx_capacity * sizeof *batch->active);
  return batch->buffer && batch->next && batch->active;
}

void send_free(Io *io) {
  if (!io->batch) return;
  free(io->batch->buffer);
  free(io->batch->next);
  free(io->batch->active);
  free(io->batch);
  io->batch = NULL;
}

/* ---- the kernel's side ---- */

static void count_sent(Io *io, const Run *run, size_t bytes) {
  count(io, TX_PACKETS, run->packets);
  count(io, TX_BYTES, (double)bytes);
  io->batch->sent += run->packets;
}

/* The kernel or the route refused the run as one: its packets one by one. */
static void send_one_by_one(Io *io, const Run *run, const struct iovec *vector) {
  const uint8_t *data = vector->iov_base;
  for (size_t offset = 0; offset < vector->iov_len; offset += run->segment_bytes) {
    size_t left = vector->iov_len - offset;
    if (socket_send(io, &run->peer->destination, run->peer->destination_length, data + offset,
                    left < run->segment_bytes ? left : run->segment_bytes)) {
      io->batch->sent++;
    }
  }
}

static bool is_segmentation_refusal(int error) {
  return error == EINVAL || error == EMSGSIZE || error == EIO || error == EOPNOTSUPP;
}

static void prepare_messages(SendBatch *batch) {
  for (int i = 0; i < batch->count; i++) {
    const Run *run = &batch->runs[i];
    struct msghdr *header = &batch->messages[i].msg_hdr;
    *header = (struct msghdr){
        .msg_name = &run->peer->destination,
        .msg_namelen = run->peer->destination_length,
        .msg_iov = &batch->vectors[i],
        .msg_iovlen = 1,
    };
    if (run->packets == 1) continue;
    header->msg_control = batch->control[i];
    header->msg_controllen = sizeof batch->control[i];
    struct cmsghdr *c = CMSG_FIRSTHDR(header);
    c->cmsg_level = IPPROTO_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    uint16_t bytes = (uint16_t)run->segment_bytes;
    memcpy(CMSG_DATA(c), &bytes, sizeof bytes);
  }
}

static void submit(Io *io) {
  SendBatch *batch = io->batch;
  prepare_messages(batch);
  count(io, TX_MESSAGES, batch->count);
  for (int i = 0; i < batch->count;) {
    int n = sendmmsg(io->fd, batch->messages + i, (unsigned)(batch->count - i),
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    count(io, TX_CALLS, 1);
    for (int end = i + n; n > 0 && i < end; i++) {
      count_sent(io, &batch->runs[i], batch->vectors[i].iov_len);
    }
    if (n > 0) continue;
    int error = errno;
    Run *run = &batch->runs[i];
    if (error == EINTR) continue;
    if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
      /* The link is full. A bridge must not queue: late media is worthless. */
      for (; i < batch->count; i++) count(io, TX_DROPPED, batch->runs[i].packets);
      break;
    }
    if (run->packets > 1 && is_segmentation_refusal(error)) {
      /* EIO: the device cannot; otherwise this route's MTU is too small for the segments. */
      if (error == EIO || error == EOPNOTSUPP) io->segmentation = false;
      run->peer->no_segmentation = true;
      send_one_by_one(io, run, &batch->vectors[i]);
    } else {
      count(io, TX_DROPPED, run->packets);
    }
    i++;
  }
  batch->count = 0;
  batch->used = 0;
}

/* ---- packets ---- */

static bool joins(const Io *io, const Run *run, const struct iovec *vector, const Peer *peer,
                  size_t length) {
  return run->open && run->peer == peer && io->segmentation && !peer->no_segmentation &&
         length <= run->segment_bytes && run->segment_bytes <= io->max_datagram &&
         run->packets < SEGMENTS && vector->iov_len + length <= RUN_BYTES;
}

/* Takes over `length` bytes at the end of the buffer. */
static void append(Io *io, Peer *peer, size_t length) {
  SendBatch *batch = io->batch;
  uint8_t *data = batch->buffer + batch->used;
  batch->used += length;
  int last = batch->count - 1;
  if (last >= 0 && joins(io, &batch->runs[last], &batch->vectors[last], peer, length)) {
    batch->vectors[last].iov_len += length;
    batch->runs[last].packets++;
    if (length < batch->runs[last].segment_bytes) batch->runs[last].open = false;
    return;
  }
  batch->runs[batch->count] = (Run){peer, length, 1, true};
  batch->vectors[batch->count] = (struct iovec){data, length};
  batch->count++;
}

static bool is_extension(uint32_t word) {
  uint32_t id = word >> 28, bytes = (word >> 24 & 0x0f) + 1;
  return word == 0 || (id >= 1 && id <= 14 && bytes <= 3);
}

static bool is_patch(uint32_t word, uint32_t payload_length) {
  uint32_t offset = word >> 24, bytes = word >> 16 & 0xff;
  return word == 0 || (bytes >= 1 && bytes <= 2 && offset + bytes <= payload_length);
}

static bool is_valid(const Io *io, const uint32_t *d) {
  uint32_t offset = d[1] >> 16, length = d[1] & 0xffff;
  return d[0] < (uint32_t)io->slot_count && offset + length <= SLOT_SIZE &&
         (d[3] & 0x7f800000u) == 0 && is_extension(d[7]) && is_extension(d[8]) &&
         is_patch(d[9], length) && is_patch(d[10], length);
}

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
  size_t length = write_element(at + 4, a);
  length += write_element(at + 4 + length, b);
  while (length % 4) at[4 + length++] = 0;
  put16(at, 0xbede);
  put16(at + 2, (uint32_t)(length / 4));
  return 4 + length;
}

static void patch(uint8_t *payload, uint32_t word) {
  if (word == 0) return;
  uint8_t *at = payload + (word >> 24);
  if ((word >> 16 & 0xff) == 2) {
    put16(at, word & 0xffff);
  } else {
    at[0] = (uint8_t)word;
  }
}

/* What a packet's patches and padding replace in its slot, to be put back: other receivers follow. */
typedef struct {
  uint8_t *at[2 + IN_PLACE_PADDING];
  uint8_t bytes[2 + IN_PLACE_PADDING][2];
  int count;
} Undo;

static void remember(Undo *undo, uint8_t *at) {
  undo->at[undo->count] = at;
  memcpy(undo->bytes[undo->count++], at, 2);
}

static void put_back(Undo *undo) {
  while (undo->count > 0) {
    undo->count--;
    memcpy(undo->at[undo->count], undo->bytes[undo->count], 2);
  }
}

static void write_padding(uint8_t *at, uint32_t padding) {
  if (padding == 0) return;
  memset(at, 0, padding);
  at[padding - 1] = (uint8_t)padding;
}

/*
 * The common case: encrypts straight from the slot, patched and padded for as long as that takes. The
 * two bytes behind the last one that is written are inside the slot.
 */
static size_t seal_from_slot(Peer *peer, const uint32_t *d, uint8_t *payload, size_t length,
                             uint8_t *out, size_t header) {
  uint32_t padding = d[11] & 0xff;
  Undo undo = {.count = 0};
  if (d[9]) remember(&undo, payload + (d[9] >> 24));
  if (d[10]) remember(&undo, payload + (d[10] >> 24));
  for (uint32_t i = 0; i < padding; i += 2) remember(&undo, payload + length + i);
  patch(payload, d[9]);
  patch(payload, d[10]);
  write_padding(payload + length, padding);
  size_t bytes = srtp_protect_rtp(&peer->sender, out, header, payload, length + padding, d[6]);
  put_back(&undo);
  return bytes;
}

/* With a prefix, or without room in the slot: a copy is written behind the header first. */
static size_t seal_copy(Peer *peer, const uint32_t *d, const uint8_t *payload, size_t length,
                        uint8_t *out, size_t header) {
  uint32_t prefix = d[11], padding = prefix & 0xff;
  uint8_t *plain = out + header;
  size_t before = prefix >> 8 & 1 ? 2 : 0;
  if (before) put16(plain, prefix >> 16);
  memcpy(plain + before, payload, length);
  patch(plain + before, d[9]);
  patch(plain + before, d[10]);
  write_padding(plain + before + length, padding);
  return srtp_protect_rtp(&peer->sender, out, header, plain, before + length + padding, d[6]);
}

/* Writes the encrypted packet to `out`, which has PACKET_ROOM bytes. Returns its length or 0. */
static size_t compose(Io *io, Peer *peer, const uint32_t *d, uint8_t *out) {
  size_t offset = d[1] >> 16, length = d[1] & 0xffff;
  uint32_t padding = d[11] & 0xff;
  size_t extension = write_extension(out + HEADER, d[7], d[8]);
  out[0] = (uint8_t)(0x80 | (padding ? 0x20 : 0) | (extension ? 0x10 : 0));
  out[1] = (uint8_t)((d[3] >> 31 << 7) | (d[3] >> 16 & 0x7f));
  put16(out + 2, d[3] & 0xffff);
  put32(out + 4, d[4]);
  put32(out + 8, d[5]);
  uint8_t *payload = io->arena + (size_t)d[0] * SLOT_SIZE + offset;
  bool in_slot = !(d[11] >> 8 & 1) && padding <= IN_PLACE_PADDING &&
                 offset + length + padding + 2 <= SLOT_SIZE;
  return in_slot ? seal_from_slot(peer, d, payload, length, out, HEADER + extension)
                 : seal_copy(peer, d, payload, length, out, HEADER + extension);
}

static uint32_t element_bytes(uint32_t word) { return word ? 2 + (word >> 24 & 0x0f) : 0; }

/* What write_extension will write. */
static uint32_t extension_bytes(const uint32_t *d) {
  uint32_t elements = element_bytes(d[7]) + element_bytes(d[8]);
  return elements ? 4 + (elements + 3) / 4 * 4 : 0;
}

static uint32_t plain_bytes(const uint32_t *d) {
  return extension_bytes(d) + (d[11] >> 8 & 1 ? 2 : 0) + (d[1] & 0xffff) + (d[11] & 0xff);
}

static uint32_t *descriptor_at(Io *io, int32_t i) {
  return (uint32_t *)io->tx + (size_t)i * TX_WORDS;
}

/*
 * An encoder cuts a frame into packets that differ by a byte. That would end a run; RTP padding
 * (RFC 3550 §5.1) of that byte lets it go on, and every receiver takes it off.
 */
static void equalize(Io *io, const Peer *peer) {
  const int32_t *next = io->batch->next;
  if (!io->segmentation || io->equalize_bytes == 0) return;
  for (int32_t i = peer->tx_head; i >= 0;) {
    uint32_t smallest = plain_bytes(descriptor_at(io, i)), largest = smallest;
    int32_t end = next[i];
    for (; end >= 0; end = next[end]) {
      uint32_t bytes = plain_bytes(descriptor_at(io, end));
      uint32_t low = bytes < smallest ? bytes : smallest, high = bytes > largest ? bytes : largest;
      if (high - low > io->equalize_bytes) break;
      smallest = low;
      largest = high;
    }
    for (; i != end; i = next[i]) {
      uint32_t *d = descriptor_at(io, i);
      uint32_t more = largest - plain_bytes(d);
      if ((d[11] & 0xff) + more <= 255) d[11] += more;
    }
  }
}

static void send_peer(Io *io, Peer *peer) {
  SendBatch *batch = io->batch;
  equalize(io, peer);
  for (int32_t i = peer->tx_head; i >= 0; i = batch->next[i]) {
    if (batch->used + PACKET_ROOM > BUFFER_BYTES || batch->count == MESSAGES) submit(io);
    size_t length = compose(io, peer, descriptor_at(io, i), batch->buffer + batch->used);
    if (length == 0) {
      count(io, TX_INVALID, 1);
      continue;
    }
    append(io, peer, length);
  }
  peer->tx_head = peer->tx_tail = -1;
}

int send_flush(Io *io, int descriptors) {
  SendBatch *batch = io->batch;
  int active = 0;
  batch->sent = 0;
  for (int32_t i = 0; i < descriptors; i++) {
    const uint32_t *d = descriptor_at(io, i);
    Peer *peer = peer_get(io, (int32_t)d[2]);
    if (!peer || !peer->has_keys || peer->destination_length == 0 || !is_valid(io, d)) {
      count(io, TX_INVALID, 1);
      continue;
    }
    batch->next[i] = -1;
    if (peer->tx_head < 0) {
      batch->active[active++] = peer->handle;
      peer->tx_head = i;
    } else {
      batch->next[peer->tx_tail] = i;
    }
    peer->tx_tail = i;
  }
  for (int i = 0; i < active; i++) send_peer(io, io->peers[batch->active[i]]);
  if (batch->count > 0) submit(io);
  return batch->sent;
}

bool send_rtcp(Peer *peer, const uint8_t *packet, size_t length) {
  uint8_t out[SLOT_SIZE + SRTP_MAX_OVERHEAD];
  if (!peer->has_keys || peer->destination_length == 0) return false;
  if (length < 8 || length > SLOT_SIZE || peer->rtcp_index > 0x7fffffffu) {
    count(peer->io, TX_INVALID, 1);
    return false;
  }
  memcpy(out, packet, length);
  size_t bytes = srtp_protect_rtcp(&peer->sender, out, length, peer->rtcp_index++);
  return bytes && socket_send(peer->io, &peer->destination, peer->destination_length, out, bytes);
}
