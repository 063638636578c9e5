/*
 * The baselines: forwarders as they are usually built, one system call and one cipher call per packet.
 * recvfrom, authenticate and decrypt; then for each receiver write the packet, encrypt, sendto. One has
 * libsrtp, the other the addon's own cipher code (EVP, keys scheduled once). They do nothing else: no
 * layers, no statistics, no RTCP, no timers.
 */
#include "forwarding.h"
#include "baseline_crypto.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* First bytes of datagrams that steer a run. */
enum { CONTROL_START = 0xfe, CONTROL_STOP = 0xff };

/* What a receiver is sent under one SSRC. */
typedef struct {
  uint16_t seq;
  uint32_t roc;
} Stream;

typedef struct {
  struct sockaddr_in address;
  Crypto crypto;
  uint16_t transport_seq;
  Stream *streams; /* video and audio of each sender of the conference */
} Receiver;

static double cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* open() → [fd, port] */
napi_value baseline_open(napi_env env, napi_callback_info info) {
  (void)info;
  struct sockaddr_in local = {.sin_family = AF_INET};
  socklen_t length = sizeof local;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 10 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof local) != 0 ||
      getsockname(fd, (struct sockaddr *)&local, &length) != 0) {
    napi_throw_error(env, NULL, "baseline: no socket");
    return NULL;
  }
  napi_value result, value;
  napi_create_array_with_length(env, 2, &result);
  napi_create_int32(env, fd, &value);
  napi_set_element(env, result, 0, value);
  napi_create_int32(env, ntohs(local.sin_port), &value);
  napi_set_element(env, result, 1, value);
  return result;
}

static void forward(int fd, Receiver *receiver, Stream *stream, const uint8_t *packet, size_t header,
                    size_t length) {
  uint8_t out[2400];
  out[0] = 0x90;
  out[1] = packet[1];
  put16(out + 2, stream->seq);
  memcpy(out + 4, packet + 4, 8);
  put32(out + RTP_HEADER, 0xbede0001u);
  out[16] = TRANSPORT_CC_ID << 4 | 1;
  put16(out + 17, receiver->transport_seq++);
  out[19] = 0;
  size_t bytes = crypto_protect(&receiver->crypto, out, 20, packet + header, length - header,
                                stream->roc);
  if (++stream->seq == 0) stream->roc++;
  (void)sendto(fd, out, bytes, 0, (struct sockaddr *)&receiver->address, sizeof receiver->address);
}

/* Everything a run needs; `sender_at_port` is 0 for nobody, else 1 + the sender's index. */
typedef struct {
  Plan plan;
  Receiver *receivers; /* all members */
  Crypto *senders;
  Stream *streams;
  int32_t sender_at_port[65536];
} Baseline;

static size_t member_count(const Plan *plan) {
  return (size_t)plan->conferences * (size_t)(plan->receivers + 1);
}

static bool baseline_init(Baseline *baseline, bool libsrtp) {
  const Plan *plan = &baseline->plan;
  size_t members = member_count(plan), per_receiver = (size_t)plan->senders * 2;
  size_t senders = (size_t)plan->conferences * (size_t)plan->senders;
  baseline->receivers = calloc(members, sizeof *baseline->receivers);
  baseline->senders = calloc(senders, sizeof *baseline->senders);
  baseline->streams = calloc(members * per_receiver, sizeof *baseline->streams);
  if (!baseline->receivers || !baseline->senders || !baseline->streams) return false;
  bool ok = true;
  for (int c = 0; c < plan->conferences && ok; c++) {
    for (int m = 0; m <= plan->receivers && ok; m++) {
      size_t at = member_at(plan, c, m);
      Receiver *receiver = &baseline->receivers[at];
      receiver->address = socket_address_of(plan, c, m);
      receiver->streams = baseline->streams + at * per_receiver;
      ok = crypto_init(&receiver->crypto, libsrtp, plan->profile, key_of(plan, c, m), true);
      if (m >= plan->senders || !ok) continue;
      int sender = c * plan->senders + m;
      baseline->sender_at_port[htons((uint16_t)plan->sender_ports[sender])] = sender + 1;
      ok = crypto_init(&baseline->senders[sender], libsrtp, plan->profile, key_of(plan, c, m),
                       false);
    }
  }
  return ok;
}

/* One packet of `sender` to the others of its conference; how many that are. */
static int fan_out(Baseline *baseline, int fd, int sender, const uint8_t *packet, size_t length) {
  const Plan *plan = &baseline->plan;
  uint8_t plain[2048];
  int plain_length = crypto_unprotect(&baseline->senders[sender], packet, length, plain);
  if (plain_length <= 0) return 0;
  size_t header = RTP_HEADER + 4 + 4u * (plain[0] & 0x10 ? get16(plain + 14) : 0);
  int conference = sender / plan->senders, from = sender % plan->senders;
  int stream = from * 2 + ((plain[1] & 0x7f) == AUDIO_PAYLOAD_TYPE ? 1 : 0);
  for (int m = 0; m <= plan->receivers; m++) {
    if (m == from) continue;
    Receiver *receiver = &baseline->receivers[member_at(plan, conference, m)];
    forward(fd, receiver, &receiver->streams[stream], plain, header, (size_t)plain_length);
  }
  return plan->receivers;
}

/*
 * run(plan…, fd, with libsrtp) → [CPU µs, packets sent] from start to stop. Sessions and sequence numbers go on in
 * the next run, so a process has one plan.
 */
napi_value baseline_run(napi_env env, napi_callback_info info) {
  napi_value arguments[PLAN_ARGUMENTS + 2], result, value;
  size_t count = PLAN_ARGUMENTS + 2;
  int fd = -1;
  bool libsrtp = false;
  static Baseline *baseline;
  bool is_first = !baseline;
  if (is_first) baseline = calloc(1, sizeof *baseline);
  if (!baseline || napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      !plan_from(env, arguments, &baseline->plan) ||
      napi_get_value_int32(env, arguments[PLAN_ARGUMENTS], &fd) != napi_ok ||
      napi_get_value_bool(env, arguments[PLAN_ARGUMENTS + 1], &libsrtp) != napi_ok ||
      (is_first && !baseline_init(baseline, libsrtp))) {
    napi_throw_type_error(env, NULL, "baseline: bad arguments, or no libsrtp");
    return NULL;
  }
  end_with_parent();
  double start = 0, sent = 0;
  for (;;) {
    uint8_t packet[2048];
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    ssize_t length = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_length);
    if (length == 1 && packet[0] == CONTROL_START) {
      start = cpu_us();
      sent = 0;
    }
    if (length == 1 && packet[0] == CONTROL_STOP) break;
    if (length < RTP_HEADER || packet[0] >> 6 != 2) continue;
    int sender = baseline->sender_at_port[from.sin_port] - 1;
    if (sender >= 0) sent += fan_out(baseline, fd, sender, packet, (size_t)length);
  }
  double used = cpu_us() - start;
  run_ended();
  napi_create_array_with_length(env, 2, &result);
  napi_create_double(env, used, &value);
  napi_set_element(env, result, 0, value);
  napi_create_double(env, sent, &value);
  napi_set_element(env, result, 1, value);
  return result;
}

/* libsrtpVersion() → what it calls itself, or undefined without it */
napi_value baseline_libsrtp(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  const char *version = libsrtp_version();
  if (version) napi_create_string_utf8(env, version, NAPI_AUTO_LENGTH, &result);
  return result;
}
