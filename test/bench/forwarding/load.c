/*
 * The load generator and judge: sends each conference's video in frame bursts at its pace, and checks
 * what the receivers of the first conference get: it decrypts, the sequence numbers go on by one, the
 * payload is the sender's. Delay is from just before the burst's system call to the kernel's time
 * stamp of arrival, so that this program's own receiving adds nothing.
 */
#include "forwarding.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
  FRAMES_PER_S = 30,
  CLOCK_RATE = 90000,
  MAX_PAYLOAD = 1160, /* of the video, as libwebrtc fills packets of 1200 bytes */
  MAX_FRAME_PACKETS = 64,
  STAMPS = 1 << 13, /* packets of a checked sender whose time of sending is remembered */
  BATCH = 64,
  NAP_NS = 2000000,
};

static const int64_t AUDIO_NS = 20000000, QUIET_NS = 300000000, LATE_LIMIT_NS = 3000000000;

typedef struct {
  int fd;
  SrtpCipher cipher;
  uint16_t seq, picture_id;
  uint32_t roc, timestamp, random;
  uint64_t sent; /* packets, audio and video */
  int64_t next_frame_ns, next_audio_ns;
  uint16_t audio_seq;
  uint32_t audio_roc, audio_timestamp;
  int64_t *stamps; /* of the first conference only */
} Sender;

/* What one receiver sees of one SSRC. */
typedef struct {
  bool started;
  uint16_t seq;
} SeenStream;

typedef struct {
  SrtpReceiver srtp;
  SeenStream *streams; /* video and audio of each sender */
} Judge;

typedef struct {
  Plan plan;
  struct sockaddr_in bridge;
  int checked_fd, sink_fd;
  Sender *senders;
  Judge *judges; /* of members */
  uint32_t *delays_us;
  size_t delay_count, delay_capacity;
  double checked, sent_packets, sent_to_checked;
  double bad_auth, bad_seq, bad_payload;
} Run;

static int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t next_random(Sender *sender) {
  sender->random ^= sender->random << 13;
  sender->random ^= sender->random >> 17;
  sender->random ^= sender->random << 5;
  return sender->random;
}

static uint8_t pattern(uint64_t counter, size_t i) { return (uint8_t)(counter * 31 + i * 7); }

static int open_socket(uint32_t address) {
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && bind(fd, (struct sockaddr *)&local, sizeof local) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

static int port_of(int fd) {
  struct sockaddr_in local;
  socklen_t length = sizeof local;
  return getsockname(fd, (struct sockaddr *)&local, &length) == 0 ? ntohs(local.sin_port) : -1;
}

/*
 * open(senders, offload) → array of fd, port pairs: the checked socket, the sink, the senders. With
 * offload, runs stay whole up to the receiving sockets, as they do up to a network card that segments.
 */
napi_value load_open(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result, value;
  size_t count = 2;
  int senders = 0;
  bool offload = false;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &senders);
  napi_get_value_bool(env, arguments[1], &offload);
  napi_create_array(env, &result);
  for (int i = 0; i < senders + 2; i++) {
    int fd = open_socket(i < 2 ? INADDR_ANY : INADDR_LOOPBACK);
    int on = 1, bytes = 64 << 20;
    if (i < 2 && offload) (void)setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    if (i < 2) {
      if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
      }
    }
    if (i == 0) {
      (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
      (void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    }
    if (fd < 0) {
      napi_throw_error(env, NULL, "load: no socket");
      return NULL;
    }
    napi_create_int32(env, fd, &value);
    napi_set_element(env, result, (uint32_t)(i * 2), value);
    napi_create_int32(env, port_of(fd), &value);
    napi_set_element(env, result, (uint32_t)(i * 2 + 1), value);
  }
  return result;
}

/* One RTP packet of a frame as libwebrtc sends VP8 (RFC 7741) with transport-cc and MID. */
static size_t write_packet(Sender *sender, uint8_t *out, uint32_t ssrc, bool first, bool last,
                           bool key, size_t payload) {
  out[0] = 0x90;
  out[1] = (uint8_t)((last ? 0x80 : 0) | PAYLOAD_TYPE);
  put16(out + 2, sender->seq);
  put32(out + 4, sender->timestamp);
  put32(out + 8, ssrc);
  put32(out + 12, 0xbede0002u);
  out[16] = TRANSPORT_CC_ID << 4 | 1;
  put16(out + 17, (uint32_t)sender->sent);
  out[19] = 10 << 4; /* MID, one character */
  out[20] = '1';
  memset(out + 21, 0, 3);
  uint8_t *body = out + 24;
  body[0] = (uint8_t)(0x80 | (first ? 0x10 : 0));
  body[1] = 0xe0; /* picture id, TL0PICIDX, TID */
  put16(body + 2, 0x8000u | (sender->picture_id & 0x7fff));
  body[4] = (uint8_t)sender->picture_id;
  body[5] = 0;
  for (size_t i = 0; i < 8; i++) body[6 + i] = (uint8_t)(sender->sent >> (56 - 8 * i));
  for (size_t i = 14; i < payload; i++) body[i] = pattern(sender->sent, i);
  /* The first byte of a frame says whether it is a key frame; the counter's top byte is 0, a key. */
  if (first) body[6] = key ? 0x10 : 0x11;
  return 24 + payload;
}

/* Sends what was written, noting the time just before. */
static void send_packets(Run *run, Sender *sender, struct mmsghdr *messages, int count) {
  if (sender->stamps) {
    int64_t now = wall_ns();
    for (int i = 1; i <= count; i++) {
      sender->stamps[(sender->sent - (uint64_t)i) % STAMPS] = now;
    }
    run->sent_to_checked += count;
  }
  for (int done = 0; done < count;) {
    int n = sendmmsg(sender->fd, messages + done, (unsigned)(count - done), 0);
    if (n <= 0) break;
    done += n;
  }
  run->sent_packets += count;
}

static struct mmsghdr message_of(Run *run, struct iovec *vector) {
  return (struct mmsghdr){.msg_hdr = {.msg_name = &run->bridge,
                                      .msg_namelen = sizeof run->bridge,
                                      .msg_iov = vector,
                                      .msg_iovlen = 1}};
}

/* Of sender `index`, counted through all conferences. */
static void send_frame(Run *run, Sender *sender, int index, bool first) {
  static uint8_t packets[MAX_FRAME_PACKETS][1500];
  struct mmsghdr messages[MAX_FRAME_PACKETS];
  struct iovec vectors[MAX_FRAME_PACKETS];
  const int average = run->plan.video_bps / 8 / FRAMES_PER_S;
  /* Every ten seconds, not all at once; nobody listens to requests for one. */
  bool key = first || (sender->picture_id + index * 37) % 300 == 0;
  /* 70 % to 130 % of the average; key frames are three times as large. */
  int frame = average * 7 / 10 + (int)(next_random(sender) % (uint32_t)(average * 6 / 10));
  if (key) frame *= 3;
  int count = (frame + MAX_PAYLOAD - 1) / MAX_PAYLOAD;
  int larger = frame % count; /* libwebrtc puts the packets with one byte more last */
  uint32_t ssrc = FIRST_SSRC + (uint32_t)index;
  for (int i = 0; i < count; i++) {
    size_t payload = VP8_DESCRIPTOR + (size_t)(frame / count) + (i >= count - larger ? 1 : 0);
    size_t length = write_packet(sender, packets[i], ssrc, i == 0, i == count - 1, key, payload);
    length = srtp_protect_rtp(&sender->cipher, packets[i], 24, packets[i] + 24, length - 24,
                              sender->roc);
    sender->sent++;
    if (++sender->seq == 0) sender->roc++;
    vectors[i] = (struct iovec){packets[i], length};
    messages[i] = message_of(run, &vectors[i]);
  }
  sender->picture_id++;
  sender->timestamp += CLOCK_RATE / FRAMES_PER_S;
  send_packets(run, sender, messages, count);
}

/* 20 ms of Opus at about 32 kbit/s, with its level (RFC 6464). */
static void send_audio(Run *run, Sender *sender, int index) {
  uint8_t packet[200];
  size_t payload = 60 + next_random(sender) % 40;
  packet[0] = 0x90;
  packet[1] = AUDIO_PAYLOAD_TYPE;
  put16(packet + 2, sender->audio_seq);
  put32(packet + 4, sender->audio_timestamp);
  put32(packet + 8, FIRST_AUDIO_SSRC + (uint32_t)index);
  put32(packet + 12, 0xbede0001u);
  put32(packet + 16, (uint32_t)AUDIO_LEVEL_ID << 28 | 0xa0u << 16);
  uint8_t *body = packet + 20;
  for (size_t i = 0; i < 8; i++) body[i] = (uint8_t)(sender->sent >> (56 - 8 * i));
  for (size_t i = 8; i < payload; i++) body[i] = pattern(sender->sent, i);
  struct iovec vector = {packet, srtp_protect_rtp(&sender->cipher, packet, 20, body, payload,
                                                  sender->audio_roc)};
  struct mmsghdr message = message_of(run, &vector);
  sender->sent++;
  if (++sender->audio_seq == 0) sender->audio_roc++;
  sender->audio_timestamp += 960;
  send_packets(run, sender, &message, 1);
}

static void judge(Run *run, const uint8_t *packet, size_t length, int member, int64_t arrived_ns) {
  uint8_t plain[2048];
  /* STUN and RTCP are the bridge's own business. */
  if (length < RTP_HEADER || length > 2048 || packet[0] >> 6 != 2) return;
  if (packet[1] >= 192 && packet[1] <= 223) return;
  run->checked++;
  Judge *judge = &run->judges[member];
  int bytes = srtp_receive_rtp(&judge->srtp, packet, length, plain, 0);
  if (bytes < RTP_HEADER + 4) {
    run->bad_auth++;
    return;
  }
  bool audio = (plain[1] & 0x7f) == AUDIO_PAYLOAD_TYPE;
  uint32_t from = get32(plain + 8) - (audio ? FIRST_AUDIO_SSRC : FIRST_SSRC);
  if (from >= (uint32_t)run->plan.senders) {
    run->bad_payload++;
    return;
  }
  SeenStream *seen = &judge->streams[from * 2 + audio];
  if (seen->started && get16(plain + 2) != (uint16_t)(seen->seq + 1)) run->bad_seq++;
  seen->started = true;
  seen->seq = get16(plain + 2);
  size_t header = RTP_HEADER + (plain[0] & 0x10 ? 4 + 4u * get16(plain + 14) : 0);
  size_t end = (size_t)bytes - (plain[0] & 0x20 ? plain[bytes - 1] : 0);
  size_t before = audio ? 0 : VP8_DESCRIPTOR;
  uint64_t counter = 0;
  bool ok = end > header + before + 8 && (audio || (plain[1] & 0x7f) == PAYLOAD_TYPE);
  /* The first byte of video says whether it is a key frame. */
  for (size_t i = 1; i < 8 && ok; i++) counter = counter << 8 | plain[header + before + i];
  for (size_t i = before + 8; header + i < end && ok; i++) {
    ok = plain[header + i] == pattern(counter, i);
  }
  int64_t sent_ns = run->senders[from].stamps[counter % STAMPS];
  if (!ok || sent_ns == 0) {
    run->bad_payload++;
    return;
  }
  if (arrived_ns && run->delay_count < run->delay_capacity) {
    int64_t delay = (arrived_ns - sent_ns) / 1000;
    run->delays_us[run->delay_count++] = delay > 0 ? (uint32_t)delay : 0;
  }
}

static void receive_checked(Run *run) {
  static uint8_t packets[BATCH][65536];
  static _Alignas(struct cmsghdr) char control[BATCH][256];
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  for (int got = BATCH; got == BATCH;) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){packets[i], sizeof packets[i]};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i],
                                            .msg_iovlen = 1,
                                            .msg_control = control[i],
                                            .msg_controllen = sizeof control[i]};
    }
    got = recvmmsg(run->checked_fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
      struct msghdr *header = &messages[i].msg_hdr;
      int member = -1, segment = 0;
      int64_t arrived = 0;
      for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
          struct timespec at;
          memcpy(&at, CMSG_DATA(c), sizeof at);
          arrived = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
          memcpy(&segment, CMSG_DATA(c), sizeof segment);
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
          struct in_pktinfo info;
          memcpy(&info, CMSG_DATA(c), sizeof info);
          member = (int)(ntohl(info.ipi_addr.s_addr) & 0xffff);
        }
      }
      if (member < 0 || member > run->plan.receivers) continue;
      size_t length = messages[i].msg_len, step = segment > 0 ? (size_t)segment : length;
      for (size_t at = 0; at < length; at += step) {
        judge(run, packets[i] + at, length - at < step ? length - at : step, member, arrived);
      }
    }
  }
}

/* The other receivers take their packets too, without a look at them: delivery is part of the cost. */
static void drain_sink(int fd) {
  static uint8_t bytes[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  for (int got = BATCH; got == BATCH;) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){&bytes[i], 1};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
  }
}

static void receive(Run *run) {
  receive_checked(run);
  drain_sink(run->sink_fd);
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static napi_value results(napi_env env, Run *run) {
  qsort(run->delays_us, run->delay_count, sizeof *run->delays_us, compare);
  size_t n = run->delay_count;
  const double values[] = {
      run->sent_packets,
      run->sent_to_checked * run->plan.receivers,
      run->checked,
      run->bad_auth,
      run->bad_seq,
      run->bad_payload,
      n ? run->delays_us[n / 2] / 1e3 : -1,
      n ? run->delays_us[n * 99 / 100] / 1e3 : -1,
      n ? run->delays_us[n - 1] / 1e3 : -1,
  };
  napi_value result, value;
  napi_create_array(env, &result);
  for (uint32_t i = 0; i < sizeof values / sizeof *values; i++) {
    napi_create_double(env, values[i], &value);
    napi_set_element(env, result, i, value);
  }
  return result;
}

static bool load_init(Run *run, const int *fd) {
  /* Sessions keep their sequence numbers between runs, so state lives as long as the process: one plan. */
  static Sender *senders;
  static Judge *judges;
  const Plan *plan = &run->plan;
  int total = plan->conferences * plan->senders;
  if (!senders) {
    senders = calloc((size_t)total, sizeof *senders);
    judges = calloc((size_t)plan->receivers + 1, sizeof *judges);
    if (!senders || !judges) return false;
    for (int i = 0; i < total; i++) {
      const uint8_t *key = key_of(plan, i / plan->senders, i % plan->senders);
      senders[i].fd = fd[i];
      senders[i].random = 0x12345u + (uint32_t)i * 7919u;
      if (i < plan->senders) senders[i].stamps = calloc(STAMPS, sizeof *senders[i].stamps);
      srtp_cipher_init(&senders[i].cipher, plan->profile, key, key + 16, true);
    }
    for (int m = 0; m <= plan->receivers; m++) {
      const uint8_t *key = key_of(plan, 0, m);
      judges[m].streams = calloc((size_t)plan->senders * 2, sizeof *judges[m].streams);
      srtp_cipher_init(&judges[m].srtp.cipher, plan->profile, key, key + 16, false);
    }
  }
  run->senders = senders;
  run->judges = judges;
  return true;
}

/* Lets time pass until `due_ns`, taking what arrives. */
static void wait_until(Run *run, int64_t due_ns) {
  for (;;) {
    int64_t wait = due_ns - wall_ns();
    if (wait <= 0) return;
    /* Never waiting on the socket: waking us up would be charged to whoever sends to it. */
    struct timespec nap = {.tv_nsec = wait < NAP_NS ? wait : NAP_NS};
    nanosleep(&nap, NULL);
    receive(run);
  }
}

static void send_for(Run *run, int frames, bool with_key) {
  const Plan *plan = &run->plan;
  const int64_t frame_ns = 1000000000 / FRAMES_PER_S;
  int total = plan->conferences * plan->senders;
  int64_t start = wall_ns(), end = start + frames * frame_ns;
  for (int i = 0; i < total; i++) {
    /* Spread evenly: over a frame's time, and over that of an audio packet. */
    run->senders[i].next_frame_ns = plan->video_bps ? start + frame_ns * i / total : INT64_MAX;
    run->senders[i].next_audio_ns = plan->audio ? start + AUDIO_NS * i / total : INT64_MAX;
  }
  for (;;) {
    int due = 0;
    int64_t due_ns = INT64_MAX;
    for (int i = 0; i < total; i++) {
      const Sender *sender = &run->senders[i];
      int64_t next = sender->next_audio_ns < sender->next_frame_ns ? sender->next_audio_ns
                                                                   : sender->next_frame_ns;
      if (next < due_ns) {
        due_ns = next;
        due = i;
      }
    }
    if (due_ns >= end) return;
    wait_until(run, due_ns);
    Sender *sender = &run->senders[due];
    if (sender->next_frame_ns == due_ns) {
      send_frame(run, sender, due, with_key && due_ns < start + frame_ns);
      sender->next_frame_ns += frame_ns;
    } else {
      send_audio(run, sender, due);
      sender->next_audio_ns += AUDIO_NS;
    }
  }
}

/*
 * run(plan…, fds, bridge port, conferences, frames, with key), of the plan's conferences the first so many; with key frames
 * to begin with, for receivers to whom nothing went for long
 * → [sent by all, expected at the checked receivers, checked, bad authentication, bad sequence, bad payload, delay p50, p99, maximum in ms]
 */
napi_value load_run(napi_env env, napi_callback_info info) {
  napi_value arguments[PLAN_ARGUMENTS + 5];
  size_t count = PLAN_ARGUMENTS + 5, fd_count = 0;
  int port = 0, conferences = 0, frames = 0;
  bool with_key = false;
  void *fds = NULL;
  end_with_parent();
  Run *run = calloc(1, sizeof *run);
  if (!run || napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      !plan_from(env, arguments, &run->plan) ||
      napi_get_typedarray_info(env, arguments[PLAN_ARGUMENTS], NULL, &fd_count, &fds, NULL, NULL) !=
          napi_ok ||
      napi_get_value_int32(env, arguments[PLAN_ARGUMENTS + 1], &port) != napi_ok ||
      napi_get_value_int32(env, arguments[PLAN_ARGUMENTS + 2], &conferences) != napi_ok ||
      napi_get_value_int32(env, arguments[PLAN_ARGUMENTS + 3], &frames) != napi_ok ||
      napi_get_value_bool(env, arguments[PLAN_ARGUMENTS + 4], &with_key) != napi_ok ||
      conferences < 1 || conferences > run->plan.conferences ||
      fd_count != (size_t)run->plan.conferences * (size_t)run->plan.senders + 2 ||
      !load_init(run, (const int *)fds + 2)) {
    free(run);
    napi_throw_type_error(env, NULL, "load: bad arguments");
    return NULL;
  }
  run->checked_fd = ((const int *)fds)[0];
  run->sink_fd = ((const int *)fds)[1];
  run->bridge = (struct sockaddr_in){.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  run->delay_capacity = (size_t)frames * 40 * (size_t)run->plan.receivers * (size_t)run->plan.senders;
  run->delays_us = malloc(run->delay_capacity * sizeof *run->delays_us);
  run->plan.conferences = conferences;
  send_for(run, frames, with_key);
  /* Until nothing more comes, in case the forwarder is behind. */
  int64_t last = wall_ns(), limit = last + LATE_LIMIT_NS;
  for (double seen = run->checked; wall_ns() < last + QUIET_NS && wall_ns() < limit;) {
    struct timespec nap = {.tv_nsec = NAP_NS};
    nanosleep(&nap, NULL);
    receive(run);
    if (run->checked > seen) last = wall_ns();
    seen = run->checked;
  }
  run_ended();
  napi_value result = results(env, run);
  free(run->delays_us);
  free(run);
  return result;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"baselineOpen", baseline_open},
      {"baselineRun", baseline_run},
      {"libsrtpVersion", baseline_libsrtp},
      {"loadOpen", load_open},
      {"loadRun", load_run},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL,
                         &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
