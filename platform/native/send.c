/*
 * Sending: runs (which packets, to whom) are checked, grouped by peer in order, written as RTP and
 * encrypted by rtp_writer.c, and handed to the kernel in few calls. Packets of one size to one peer
 * are one message with UDP_SEGMENT; they lie one behind the other in the send buffer.
 */
#include "local_address.h"
#include "packet_io.h"
#include "rtp_writer.h"
#include "socket.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
  BUFFER_BYTES = 256 * 1024, /* all that one peer may be sent in between */
  SUBMIT_BYTES = 24 * 1024,  /* what the kernel copies is in the first-level cache still, and leaves early */
  MESSAGES = 256,
  SEGMENTS = 64, /* UDP_MAX_SEGMENTS of older kernels */
  RUN_BYTES = 64000,
  PREFETCH_RUNS = 6, /* so far ahead peers are fetched */
  SORTED_RUNS = 32,  /* of one peer; what follows leaves as it came */
  PACKET_ROOM = RTP_HEADER_MAX + COPIED_EXTENSION_MAX + 2 + SLOT_SIZE + 255 + SRTP_MAX_OVERHEAD,
};

/* One message to the kernel. */
typedef struct {
  Peer *peer;
  size_t segment_bytes; /* of the first packet: what every but the last one has */
  int packets;
  uint8_t local; /* the peer's */
  bool open; /* another packet may join */
} Message;

struct SendBatch {
  uint8_t *buffer;
  size_t used;
  int count;
  int sent; /* packets of this flush that the kernel took */
  int32_t *next;
  int32_t *active; /* handles of peers in this flush, in order of appearance */
  uint32_t equalized; /* the run that `padding` is for: its TX_RUN_PACKETS, 0 for none */
  uint8_t padding[RUN_PACKETS];
  Message messages[MESSAGES];
  struct mmsghdr headers[MESSAGES];
  struct iovec vectors[MESSAGES];
  SocketAddress destinations[MESSAGES]; /* the peers are out of the cache again when the kernel asks for them */
  _Alignas(struct cmsghdr) char control[MESSAGES][CMSG_SPACE(sizeof(uint16_t)) + LOCAL_ADDRESS_CONTROL];
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

static void count_sent(Io *io, const Message *message, size_t bytes) {
  count(io, TX_PACKETS, message->packets);
  count(io, TX_BYTES, (double)bytes);
  io->batch->sent += message->packets;
}

/* The kernel or the route refused the message as one: its packets one by one. */
static void send_one_by_one(Io *io, const Message *message, const struct iovec *vector) {
  const uint8_t *data = vector->iov_base;
  for (size_t offset = 0; offset < vector->iov_len; offset += message->segment_bytes) {
    size_t left = vector->iov_len - offset;
    if (socket_send(io, &message->peer->destination, message->peer->destination_length, message->peer->local, data + offset,
                    left < message->segment_bytes ? left : message->segment_bytes)) {
      io->batch->sent++;
    }
  }
}

static bool is_segmentation_refusal(int error) {
  return error == EINVAL || error == EMSGSIZE || error == EIO || error == EOPNOTSUPP;
}

static size_t write_segment_bytes(struct cmsghdr *c, size_t segment_bytes) {
  c->cmsg_level = IPPROTO_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  uint16_t bytes = (uint16_t)segment_bytes;
  memcpy(CMSG_DATA(c), &bytes, sizeof bytes);
  return CMSG_SPACE(sizeof bytes);
}

static void begin_header(SendBatch *batch, int i, const Peer *peer) {
  batch->destinations[i] = peer->destination;
  batch->headers[i].msg_hdr = (struct msghdr){
      .msg_name = &batch->destinations[i],
      .msg_namelen = peer->destination_length,
      .msg_iov = &batch->vectors[i],
      .msg_iovlen = 1,
  };
}

static void write_control(const Io *io) {
  SendBatch *batch = io->batch;
  for (int i = 0; i < batch->count; i++) {
    const Message *message = &batch->messages[i];
    struct msghdr *header = &batch->headers[i].msg_hdr;
    size_t used = 0;
    char *control = batch->control[i];
    if (message->packets > 1) used += write_segment_bytes((void *)control, message->segment_bytes);
    if (message->local) used += local_address_write(io, message->local, (void *)(control + used));
    if (used == 0) continue;
    header->msg_control = control;
    header->msg_controllen = used;
  }
}

static void submit(Io *io) {
  SendBatch *batch = io->batch;
  write_control(io);
  count(io, TX_MESSAGES, batch->count);
  for (int i = 0; i < batch->count;) {
    int n = sendmmsg(io->fd, batch->headers + i, (unsigned)(batch->count - i),
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    count(io, TX_CALLS, 1);
    for (int end = i + n; n > 0 && i < end; i++) {
      count_sent(io, &batch->messages[i], batch->vectors[i].iov_len);
    }
    if (n > 0) continue;
    int error = errno;
    Message *message = &batch->messages[i];
    if (error == EINTR) continue;
    if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
      /* The link is full. A bridge must not queue: late media is worthless. */
      for (; i < batch->count; i++) count(io, TX_DROPPED, batch->messages[i].packets);
      break;
    }
    if (error == EMSGSIZE || (message->packets > 1 && is_segmentation_refusal(error))) {
      /* EIO: the device cannot; otherwise this route's MTU is too small. */
      if (error == EIO || error == EOPNOTSUPP) io->segmentation = false;
      message->peer->no_segmentation = true;
      send_one_by_one(io, message, &batch->vectors[i]);
    } else {
      count(io, TX_DROPPED, message->packets);
    }
    i++;
  }
  batch->count = 0;
  batch->used = 0;
}

/* ---- packets ---- */

static bool joins(const Io *io, const Message *message, const struct iovec *vector, const Peer *peer,
                  size_t length) {
  return message->open && message->peer == peer && io->segmentation && !peer->no_segmentation &&
         length <= message->segment_bytes && message->segment_bytes <= io->max_datagram &&
         message->packets < SEGMENTS && vector->iov_len + length <= RUN_BYTES;
}

/* Takes over `length` bytes at the end of the buffer. */
static void append(Io *io, Peer *peer, size_t length) {
  SendBatch *batch = io->batch;
  uint8_t *data = batch->buffer + batch->used;
  batch->used += length;
  int last = batch->count - 1;
  if (last >= 0 && joins(io, &batch->messages[last], &batch->vectors[last], peer, length)) {
    batch->vectors[last].iov_len += length;
    batch->messages[last].packets++;
    if (length < batch->messages[last].segment_bytes) batch->messages[last].open = false;
    return;
  }
  begin_header(batch, batch->count, peer);
  batch->messages[batch->count] = (Message){peer, length, 1, peer->local, true};
  batch->vectors[batch->count] = (struct iovec){data, length};
  batch->count++;
}

static void add_to_peer(Io *io, Peer *peer, int32_t run, int *active) {
  SendBatch *batch = io->batch;
  batch->next[run] = -1;
  if (peer->tx_head < 0) {
    batch->active[(*active)++] = peer->handle;
    peer->tx_head = run;
  } else {
    batch->next[peer->tx_tail] = run;
  }
  peer->tx_tail = run;
}

/*
 * An encoder cuts a frame into packets that differ by a byte. That would end a segment run; RTP
 * padding (RFC 3550 §5.1) of that byte lets it go on, and every receiver takes it off. Fills
 * batch->padding for packets first..first+count-1.
 */
static void equalize(Io *io, uint32_t first, uint32_t packets) {
  SendBatch *batch = io->batch;
  uint32_t at = first, end = first + packets;
  memset(batch->padding, 0, packets);
  if (!io->segmentation || io->equalize_bytes == 0) return;
  while (at < end) {
    uint32_t smallest = rtp_body_bytes(tx_packet(io, at)), largest = smallest, next = at + 1;
    for (; next < end; next++) {
      uint32_t bytes = rtp_body_bytes(tx_packet(io, next));
      uint32_t low = bytes < smallest ? bytes : smallest, high = bytes > largest ? bytes : largest;
      if (high - low > io->equalize_bytes) break;
      smallest = low;
      largest = high;
    }
    for (; at < next; at++) {
      const uint32_t *packet = tx_packet(io, at);
      uint32_t more = largest - rtp_body_bytes(packet);
      if (rtp_padding(packet) + more <= 255) batch->padding[at - first] = (uint8_t)more;
    }
  }
}

/* A packet of the run, about. */
static uint32_t run_bytes(const Io *io, const uint32_t *run) {
  return rtp_header_bytes(run) + rtp_body_bytes(tx_packet(io, run[TX_RUN_PACKETS] >> 8));
}

/* Numbers of congestion control go up in the order of sending, and so do those of a stream. */
static bool may_overtake(const uint32_t *later, const uint32_t *earlier) {
  bool are_counted = rtp_is_counted(later) && rtp_is_counted(earlier);
  return later[TX_RUN_SSRC] != earlier[TX_RUN_SSRC] && !are_counted;
}

/*
 * The first of a message may be followed by smaller ones, but those end it (one shorter segment, the last). So voices, of
 * which hardly two are of one size, go behind what is larger: two in a message instead of one or the other.
 * Sorts the runs of the peer by size as far as they may overtake each other, into `sorted`; how many they are.
 */
static int sort_runs(const Io *io, const Peer *peer, int32_t sorted[SORTED_RUNS], int32_t *rest) {
  uint32_t bytes[SORTED_RUNS];
  int count = 0;
  int32_t run = peer->tx_head;
  for (; run >= 0 && count < SORTED_RUNS; run = io->batch->next[run]) {
    uint32_t own = run_bytes(io, tx_run(io, run));
    int at = count++;
    while (io->segmentation && at > 0 && own > bytes[at - 1] &&
           may_overtake(tx_run(io, run), tx_run(io, sorted[at - 1]))) {
      sorted[at] = sorted[at - 1];
      bytes[at] = bytes[at - 1];
      at--;
    }
    sorted[at] = run;
    bytes[at] = own;
  }
  *rest = run;
  return count;
}

/* Meanwhile what `next`, the peer that is sent to afterwards, needs is fetched. */
static void send_run(Io *io, Peer *peer, const uint32_t *run, const Peer *next) {
  SendBatch *batch = io->batch;
  uint32_t first = run[TX_RUN_PACKETS] >> 8, packets = run[TX_RUN_PACKETS] & 0xff;
  /* Most runs of a flush are the same packets to the next receiver. */
  if (run[TX_RUN_PACKETS] != batch->equalized) equalize(io, first, packets);
  batch->equalized = run[TX_RUN_PACKETS];
  RtpHeader header;
  rtp_header_begin(&header, run, tx_packet(io, first));
  int part = 0;
  for (uint32_t i = 0; i < packets; i++) {
    const uint32_t *packet = tx_packet(io, first + i);
    int parts = i + 1 < packets ? (int)i + 1 : SRTP_PREFETCH_PARTS;
    for (; next && part < parts && part < SRTP_PREFETCH_PARTS; part++) {
      srtp_cipher_prefetch(&next->sender, part);
    }
    if (batch->used + PACKET_ROOM > BUFFER_BYTES || batch->count == MESSAGES) submit(io);
    size_t length = rtp_packet_is_valid(io, packet)
                        ? rtp_write(io, &peer->sender, &header, run, packet, i, batch->padding[i],
                                    batch->buffer + batch->used)
                        : 0;
    if (length == 0) {
      count(io, TX_INVALID, 1);
      continue;
    }
    append(io, peer, length);
  }
}

static void prefetch_peer(const Io *io, int32_t handle) {
  if (handle < 0 || handle >= io->peer_capacity || !io->peers[handle]) return;
  const char *peer = (const char *)io->peers[handle];
  __builtin_prefetch(peer);
  __builtin_prefetch(peer + 64);
}

int send_flush(Io *io, int runs) {
  SendBatch *batch = io->batch;
  int active = 0;
  batch->sent = 0;
  batch->equalized = 0;
  for (int32_t i = 0; i < runs; i++) {
    const uint32_t *run = tx_run(io, i);
    if (i + PREFETCH_RUNS < runs) prefetch_peer(io, (int32_t)tx_run(io, i + PREFETCH_RUNS)[TX_RUN_PEER]);
    Peer *peer = peer_get(io, (int32_t)run[TX_RUN_PEER]);
    if (peer && peer->has_keys && peer->destination_length > 0 && rtp_run_is_valid(io, run)) {
      add_to_peer(io, peer, i, &active);
    } else {
      count(io, TX_INVALID, 1);
    }
  }
  for (int i = 0; i < active; i++) {
    Peer *peer = io->peers[batch->active[i]];
    const Peer *next = i + 1 < active ? io->peers[batch->active[i + 1]] : NULL;
    int32_t sorted[SORTED_RUNS], rest;
    int count = sort_runs(io, peer, sorted, &rest);
    for (int run = 0; run < count; run++) send_run(io, peer, tx_run(io, sorted[run]), next);
    for (; rest >= 0; rest = batch->next[rest]) send_run(io, peer, tx_run(io, rest), next);
    peer->tx_head = peer->tx_tail = -1;
    if (batch->used >= SUBMIT_BYTES) submit(io);
  }
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
  size_t bytes = srtcp_protect(&peer->sender, out, length, peer->rtcp_index++);
  return bytes && socket_send(peer->io, &peer->destination, peer->destination_length, peer->local,
                              out, bytes);
}
