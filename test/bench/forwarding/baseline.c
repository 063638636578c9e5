/*
 * The baseline: a forwarder as they are usually built, one system call and one cipher call per packet.
 * recvfrom, authenticate and decrypt; then for each receiver of the conference write the packet,
 * encrypt, sendto. The cipher code is the addon's (EVP, keys scheduled once). It does nothing else: no
 * layers, no statistics, no RTCP, no timers.
 */
#include "forwarding.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* First bytes of datagrams that steer a run. */
enum { CONTROL_START = 0xfe, CONTROL_STOP = 0xff };

typedef struct {
  struct sockaddr_in address;
  SrtpCipher cipher;
  uint16_t seq, transport_seq;
  uint32_t roc;
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

static void forward(int fd, Receiver *receiver, const uint8_t *packet, size_t header, size_t length) {
  uint8_t out[2400];
  out[0] = 0x90;
  out[1] = packet[1];
  put16(out + 2, receiver->seq);
  memcpy(out + 4, packet + 4, 8);
  put32(out + RTP_HEADER, 0xbede0001u);
  out[16] = TRANSPORT_CC_ID << 4 | 1;
  put16(out + 17, receiver->transport_seq++);
  out[19] = 0;
  size_t bytes = srtp_protect_rtp(&receiver->cipher, out, 20, packet + header, length - header,
                                  receiver->roc);
  if (++receiver->seq == 0) receiver->roc++;
  (void)sendto(fd, out, bytes, 0, (struct sockaddr *)&receiver->address, sizeof receiver->address);
}

static int conference_of(const Plan *plan, const struct sockaddr_in *from) {
  for (int c = 0; c < plan->conferences; c++) {
    if (socket_address_of(plan, c, 0).sin_port == from->sin_port) return c;
  }
  return -1;
}

/* run(conferences, receivers, profile, addresses, keys, fd) → [CPU µs, packets sent] from start to stop */
napi_value baseline_run(napi_env env, napi_callback_info info) {
  napi_value arguments[6], result;
  size_t count = 6;
  Plan plan;
  int fd = -1;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      !plan_from(env, arguments, &plan) ||
      napi_get_value_int32(env, arguments[5], &fd) != napi_ok) {
    napi_throw_type_error(env, NULL, "baseline: bad arguments");
    return NULL;
  }
  end_with_parent();
  size_t members = (size_t)plan.conferences * (size_t)plan.receivers;
  Receiver *receivers = calloc(members, sizeof *receivers);
  SrtpReceiver *senders = calloc((size_t)plan.conferences, sizeof *senders);
  for (int c = 0; receivers && senders && c < plan.conferences; c++) {
    const uint8_t *key = key_of(&plan, c, 0);
    srtp_cipher_init(&senders[c].cipher, plan.profile, key, key + 16, false);
    for (int r = 0; r < plan.receivers; r++) {
      Receiver *receiver = &receivers[(size_t)c * (size_t)plan.receivers + (size_t)r];
      key = key_of(&plan, c, r + 1);
      receiver->address = socket_address_of(&plan, c, r + 1);
      srtp_cipher_init(&receiver->cipher, plan.profile, key, key + 16, true);
    }
  }
  double start = 0, sent = 0;
  int last = 0;
  for (;;) {
    uint8_t packet[2048], plain[2048];
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    ssize_t length = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_length);
    if (length == 1 && packet[0] == CONTROL_START) {
      start = cpu_us();
      sent = 0;
    }
    if (length == 1 && packet[0] == CONTROL_STOP) break;
    if (length < RTP_HEADER || packet[0] >> 6 != 2) continue;
    if (socket_address_of(&plan, last, 0).sin_port != from.sin_port) {
      last = conference_of(&plan, &from);
      if (last < 0) {
        last = 0;
        continue;
      }
    }
    int plain_length = srtp_receive_rtp(&senders[last], packet, (size_t)length, plain, 0);
    if (plain_length <= 0) continue;
    size_t header = RTP_HEADER + 4 + 4u * (plain[0] & 0x10 ? get16(plain + 14) : 0);
    for (int r = 0; r < plan.receivers; r++) {
      forward(fd, &receivers[(size_t)last * (size_t)plan.receivers + (size_t)r], plain, header,
              (size_t)plain_length);
    }
    sent += plan.receivers;
  }
  double used = cpu_us() - start;
  for (size_t i = 0; i < members; i++) srtp_cipher_free(&receivers[i].cipher);
  for (int c = 0; c < plan.conferences; c++) srtp_receiver_free(&senders[c]);
  free(receivers);
  free(senders);
  close(fd);
  napi_value value;
  napi_create_array_with_length(env, 2, &result);
  napi_create_double(env, used, &value);
  napi_set_element(env, result, 0, value);
  napi_create_double(env, sent, &value);
  napi_set_element(env, result, 1, value);
  return result;
}
