/*
 * Receiving: batches from the kernel into a staging area, told apart by the first byte (RFC 7983),
 * then decrypted from there into arena slots. With UDP_GRO one message holds many datagrams of
 * equal size; only what is wanted gets a slot.
 */
#include "receive.h"
#include "local_address.h"
#include "records.h"
#include "socket.h"
#include "station.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
  MESSAGES = 32,
  KEYS_AHEAD = 2, /* messages; fetching keys takes about as long as dealing with two */
  STAGING_BYTES = 65536,
  /* Not a power of two, so that the buffers' beginnings do not share cache sets. */
  STAGING_STRIDE = STAGING_BYTES + 4096 + 192,
  /* After this many datagrams the event loop gets its turn; the poll handle fires again. */
  DATAGRAMS_PER_DRAIN = 256,
  MAX_AGE_US = 2000000,
};

/* What is known of a message before its datagrams are looked at. */
typedef struct {
  Address from;
  size_t segment; /* bytes of each datagram but the last; 0: not to be used */
  int64_t arrival_us;
  Peer *peer; /* NULL: nobody's yet */
} Arrival;

struct Receiver {
  struct mmsghdr messages[MESSAGES];
  struct iovec vectors[MESSAGES];
  SocketAddress from[MESSAGES];
  _Alignas(struct cmsghdr) char
      control[MESSAGES][CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec)) +
                        LOCAL_ADDRESS_CONTROL];
  Arrival arrivals[MESSAGES];
  /* Since when the message that is handled waited in the socket (CLOCK_REALTIME). */
  int64_t arrival_us;
  uint8_t *staging;
};

bool receive_init(Io *io) {
  io->receiver = calloc(1, sizeof *io->receiver);
  if (!io->receiver) return false;
  io->receiver->staging = malloc((size_t)MESSAGES * STAGING_STRIDE);
  return io->receiver->staging != NULL;
}

void receive_free(Io *io) {
  if (io->receiver) free(io->receiver->staging);
  free(io->receiver);
  io->receiver = NULL;
}

static void handle_stun(Io *io, const uint8_t *data, size_t length, const Peer *peer,
                        const Address *from) {
  int slot = slot_take(io);
  if (slot < 0) {
    count(io, RX_NO_SLOT, 1);
    return;
  }
  memcpy(io->arena + (size_t)slot * SLOT_SIZE, data, length);
  receive_record(io, slot, length, KIND_STUN, peer ? peer->handle : -1, from);
}

static void handle_srtp(Io *io, const uint8_t *data, size_t length, Peer *peer,
                        const Address *from) {
  if (!peer->has_keys || length < 2) {
    count(io, RX_INVALID, 1);
    return;
  }
  int slot = slot_take(io);
  if (slot < 0) {
    count(io, RX_NO_SLOT, 1);
    return;
  }
  uint8_t *out = io->arena + (size_t)slot * SLOT_SIZE;
  bool rtcp = data[1] >= 192 && data[1] <= 223; /* RFC 5761 §4 */
  int plain = rtcp ? srtp_receive_rtcp(&peer->receiver, data, length, out, io->now_s)
                   : srtp_receive_rtp(&peer->receiver, data, length, out, io->now_s);
  if (plain > 0) {
    receive_record(io, slot, (size_t)plain, rtcp ? KIND_RTCP : KIND_RTP, peer->handle, from);
    return;
  }
  slot_release(io, slot);
  count(io, plain == SRTP_REPLAYED      ? RX_REPLAYED
            : plain == SRTP_AUTH_FAILED ? RX_AUTH_FAILED
                                        : RX_INVALID,
        1);
}

static void handle_datagram(Io *io, const uint8_t *data, size_t length, Peer *peer,
                            const Address *from) {
  uint8_t first = length ? data[0] : 255;
  if (first <= 3 && length <= SLOT_SIZE) {
    Mail mail = {.kind = MAIL_DATAGRAMS,
                 .bytes = (uint32_t)length,
                 .segment = (uint32_t)length,
                 .arrival_us = io->receiver->arrival_us,
                 .from = *from};
    if (station_hand_over_stun(io, &mail, data)) return;
  }
  count(io, RX_PACKETS, 1);
  count(io, RX_BYTES, (double)length);
  if (length > SLOT_SIZE) {
    count(io, RX_INVALID, 1);
  } else if (first <= 3) {
    handle_stun(io, data, length, peer, from);
  } else if (!peer) {
    count(io, RX_UNKNOWN_ADDRESS, 1);
  } else if (first >= 20 && first <= 63) {
    dtls_receive(peer, data, length, from);
  } else if (first >= 128 && first <= 191) {
    handle_srtp(io, data, length, peer, from);
  } else {
    count(io, RX_INVALID, 1);
  }
}

static int64_t microseconds(const struct timespec *time) {
  return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

/* Age 0 for what cannot be: a clock that was set meanwhile. */
static void arrived_at(Io *io, int64_t arrival_us, const struct timespec *now) {
  int64_t us = microseconds(now) - arrival_us;
  io->receiver->arrival_us = arrival_us;
  io->rx_age_us = us < 0 || us > MAX_AGE_US ? 0 : (int32_t)us;
}

/* Takes since when the message waited, its datagrams' size, and which of our addresses it came to. */
static void read_control(struct msghdr *message, Arrival *arrival) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
      arrival->arrival_us = microseconds(&stamp);
    } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      int bytes = 0;
      memcpy(&bytes, CMSG_DATA(c), sizeof bytes);
      if (bytes > 0) arrival->segment = (size_t)bytes;
    } else {
      arrival->from.bytes[1] = local_address_read(c);
    }
  }
}

/* Datagrams of `segment` bytes, of which the last may be shorter. */
static void handle_datagrams(Io *io, const uint8_t *data, size_t length, size_t segment, Peer *peer,
                             const Address *from) {
  size_t offset = 0;
  do {
    size_t left = length - offset;
    handle_datagram(io, data + offset, left < segment ? left : segment, peer, from);
    offset += segment;
  } while (offset < length);
}

static void read_arrival(Io *io, struct mmsghdr *message, const SocketAddress *source,
                         const struct timespec *now, Arrival *arrival) {
  arrival->segment = 0;
  if (message->msg_hdr.msg_namelen == 0 || (message->msg_hdr.msg_flags & MSG_TRUNC)) {
    count(io, RX_INVALID, 1);
    return;
  }
  address_from_socket(source, &arrival->from);
  arrival->segment = message->msg_len ? message->msg_len : 1;
  arrival->arrival_us = microseconds(now);
  read_control(&message->msg_hdr, arrival);
  address_table_prefetch(&io->table, &arrival->from);
}

static void handle_message(Io *io, const Arrival *arrival, size_t length, const uint8_t *data,
                           const struct timespec *now) {
  if (arrival->segment == 0) return;
  arrived_at(io, arrival->arrival_us, now);
  if (io->station && !arrival->peer) {
    Mail mail = {.kind = MAIL_DATAGRAMS,
                 .bytes = (uint32_t)length,
                 .segment = (uint32_t)arrival->segment,
                 .arrival_us = arrival->arrival_us,
                 .from = arrival->from};
    if (station_hand_over(io, &mail, data)) return;
  }
  handle_datagrams(io, data, length, arrival->segment, arrival->peer, &arrival->from);
}

/*
 * Of many senders each has keys and counters of its own, and memory is what their packets wait for. So it is fetched while
 * others are dealt with: first whose the messages are, then the keys of those that come next.
 */
static void handle_messages(Io *io, int got) {
  struct Receiver *receiver = io->receiver;
  Arrival *arrivals = receiver->arrivals;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now); /* that of the kernel's stamps */
  for (int i = 0; i < got; i++) {
    read_arrival(io, &receiver->messages[i], &receiver->from[i], &now, &arrivals[i]);
  }
  for (int i = 0; i < got; i++) {
    arrivals[i].peer =
        arrivals[i].segment > 0 ? address_table_find(&io->table, &arrivals[i].from) : NULL;
    if (arrivals[i].peer) srtp_receiver_prefetch(&arrivals[i].peer->receiver);
  }
  for (int i = 0; i < got; i++) {
    const Peer *next = i + KEYS_AHEAD < got ? arrivals[i + KEYS_AHEAD].peer : NULL;
    if (next) srtp_receiver_prefetch_keys(&next->receiver);
    handle_message(io, &arrivals[i], receiver->messages[i].msg_len,
                   receiver->staging + (size_t)i * STAGING_STRIDE, &now);
  }
}

void receive_begin(Io *io) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  io->now_s = (uint32_t)now.tv_sec;
  io->rx_count = 0;
  if (io->station) station_looks(io);
}

static bool drain(Io *io, int fd) {
  struct Receiver *receiver = io->receiver;
  for (int total = 0; total < DATAGRAMS_PER_DRAIN; total += MESSAGES) {
    for (int i = 0; i < MESSAGES; i++) {
      receiver->vectors[i] = (struct iovec){receiver->staging + (size_t)i * STAGING_STRIDE,
                                            STAGING_BYTES};
      receiver->messages[i].msg_hdr = (struct msghdr){
          .msg_name = &receiver->from[i],
          .msg_namelen = sizeof receiver->from[i],
          .msg_iov = &receiver->vectors[i],
          .msg_iovlen = 1,
          .msg_control = receiver->control[i],
          .msg_controllen = sizeof receiver->control[i],
      };
    }
    int got = recvmmsg(fd, receiver->messages, MESSAGES, MSG_DONTWAIT, NULL);
    count(io, RX_CALLS, 1);
    if (got > 0) handle_messages(io, got);
    /* Fewer than asked for: the socket is empty, and asking again would cost a system call. */
    if (got < MESSAGES) return false;
    if (io->rx_count > RX_CAPACITY / 2) return true;
  }
  return true;
}

void receive_drain(Io *io) { (void)drain(io, io->fd); }

static bool drain_other(Io *io, int fd) {
  if (io->rx_count > RX_CAPACITY / 2) return true;
  count(io, RX_STOOD_IN, 1);
  return drain(io, fd);
}

void receive_for_others(Io *io) { station_stand_in(io, drain_other); }

/* From the other end of a relay, decrypted there. */
static void handle_relayed(Io *io, const Mail *mail, const uint8_t *data) {
  Peer *peer = peer_get(io, mail->relay.handle);
  /* The relay may have ended while it was under way. */
  if (!peer || peer->relay_id == 0 || peer->relay_id != mail->relay.id) return;
  int slot = slot_take(io);
  if (slot < 0) {
    count(io, RX_NO_SLOT, 1);
    return;
  }
  memcpy(io->arena + (size_t)slot * SLOT_SIZE, data, mail->bytes);
  receive_record(io, slot, mail->bytes, mail->packet_kind, peer->handle, &mail->from);
}

void receive_mail(Io *io) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  Mail mail;
  const uint8_t *data;
  /* A mail may be many datagrams; what does not fit any more waits. */
  while (io->rx_count <= RX_CAPACITY / 2 && station_next_mail(io, &mail, &data)) {
    arrived_at(io, mail.arrival_us ? mail.arrival_us : microseconds(&now), &now);
    switch (mail.kind) {
      case MAIL_DATAGRAMS:
        handle_datagrams(io, data, mail.bytes, mail.segment,
                         address_table_find(&io->table, &mail.from), &mail.from);
        break;
      case MAIL_RELAYED:
        handle_relayed(io, &mail, data);
        break;
      case MAIL_ADDRESS_TAKEN:
        /* Unless it came back meanwhile. */
        if (station_is_elsewhere(io, &mail.from)) peer_lose_address(io, &mail.from);
        break;
    }
  }
  station_rest(io);
}
