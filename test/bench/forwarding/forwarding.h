/* What the load generator and the baseline share: the plan's tables, and arguments from JavaScript. */
#ifndef FORWARDING_H
#define FORWARDING_H

#include "../../../platform/native/address_table.h"
#include "../../../platform/native/srtp_receiver.h"

#include <node_api.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
  KEY_BYTES = 30,
  PAYLOAD_TYPE = 100,
  AUDIO_PAYLOAD_TYPE = 111,
  AUDIO_LEVEL_ID = 1,
  TRANSPORT_CC_ID = 5,
  FIRST_SSRC = 0x100000,
  FIRST_AUDIO_SSRC = 0x300000,
  RTP_HEADER = 12,
  /* A run blocks in C; if nobody ends it, SIGALRM does. */
  RUN_DEADLINE_S = 60,
  /* In the payload, behind the VP8 descriptor of video: a 64-bit counter of the sender's packets, then a pattern. */
  VP8_DESCRIPTOR = 6,
};

/* See plan.ts. `senders` of each conference send, its members 0..senders-1. */
typedef struct {
  int conferences, receivers, senders, video_bps;
  bool audio;
  SrtpProfile profile;
  const uint8_t *addresses, *keys;
  const int32_t *sender_ports; /* conference by conference */
} Plan;

enum { PLAN_ARGUMENTS = 9 };

/* A run blocks in C, deaf to its parent: it ends when the parent does, and after the deadline. */
static inline void end_with_parent(void) {
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)alarm(RUN_DEADLINE_S);
}

/* Idle until the next run. */
static inline void run_ended(void) { (void)alarm(0); }

/* (conferences, receivers, senders, video bit/s, audio, profile, addresses, keys, sender ports) in front of the arguments. */
static inline bool plan_from(napi_env env, napi_value *arguments, Plan *plan) {
  int profile = 0;
  size_t address_bytes = 0, key_bytes = 0, ports = 0;
  void *addresses = NULL, *keys = NULL, *sender_ports = NULL;
  if (napi_get_value_int32(env, arguments[0], &plan->conferences) != napi_ok ||
      napi_get_value_int32(env, arguments[1], &plan->receivers) != napi_ok ||
      napi_get_value_int32(env, arguments[2], &plan->senders) != napi_ok ||
      napi_get_value_int32(env, arguments[3], &plan->video_bps) != napi_ok ||
      napi_get_value_bool(env, arguments[4], &plan->audio) != napi_ok ||
      napi_get_value_int32(env, arguments[5], &profile) != napi_ok ||
      napi_get_typedarray_info(env, arguments[6], NULL, &address_bytes, &addresses, NULL, NULL) !=
          napi_ok ||
      napi_get_typedarray_info(env, arguments[7], NULL, &key_bytes, &keys, NULL, NULL) != napi_ok ||
      napi_get_typedarray_info(env, arguments[8], NULL, &ports, &sender_ports, NULL, NULL) !=
          napi_ok) {
    return false;
  }
  size_t members = (size_t)plan->conferences * (size_t)(plan->receivers + 1);
  plan->profile = (SrtpProfile)profile;
  plan->addresses = addresses;
  plan->keys = keys;
  plan->sender_ports = sender_ports;
  return address_bytes == members * ADDRESS_BYTES && key_bytes == members * KEY_BYTES &&
         ports == (size_t)plan->conferences * (size_t)plan->senders;
}

static inline size_t member_at(const Plan *plan, int conference, int member) {
  return (size_t)conference * (size_t)(plan->receivers + 1) + (size_t)member;
}

static inline const uint8_t *key_of(const Plan *plan, int conference, int member) {
  return plan->keys + member_at(plan, conference, member) * KEY_BYTES;
}

static inline struct sockaddr_in socket_address_of(const Plan *plan, int conference, int member) {
  const uint8_t *record = plan->addresses + member_at(plan, conference, member) * ADDRESS_BYTES;
  struct sockaddr_in address = {.sin_family = AF_INET};
  __builtin_memcpy(&address.sin_port, record + 2, 2);
  __builtin_memcpy(&address.sin_addr, record + 4, 4);
  return address;
}

napi_value baseline_open(napi_env env, napi_callback_info info);
napi_value baseline_run(napi_env env, napi_callback_info info);
napi_value baseline_libsrtp(napi_env env, napi_callback_info info);
napi_value load_open(napi_env env, napi_callback_info info);
napi_value load_run(napi_env env, napi_callback_info info);

#endif
