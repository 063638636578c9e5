/*
 * The load generator and judge: sends each conference's video in frame bursts at its pace (senders.c), and checks
 * what the receivers of the first conference get (judge.c). Delay is from just before the burst's system call to the
 * kernel's time stamp of arrival.
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { NAP_NS = 2000000 };

static const int64_t AUDIO_NS = 20000000, QUIET_NS = 300000000, LATE_LIMIT_NS = 3000000000;

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
