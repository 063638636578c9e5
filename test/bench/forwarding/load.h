/* The load generator's state, which its files share: who sends, who looks at what arrives, and what that came to. */
#ifndef LOAD_H
#define LOAD_H

#include "forwarding.h"

#include <time.h>

enum {
  FRAMES_PER_S = 30,
  STAMPS = 1 << 13, /* packets of a checked sender whose time of sending is remembered */
};

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

static inline int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Of a payload from its ninth byte on; in front of that is `counter`. */
static inline uint8_t pattern(uint64_t counter, size_t i) { return (uint8_t)(counter * 31 + i * 7); }

/* senders.c: sender `index`, counted through all conferences, sends a frame, or 20 ms of audio. */
void send_frame(Run *run, Sender *sender, int index, bool is_first);
void send_audio(Run *run, Sender *sender, int index);

/* judge.c: takes and checks what arrived at the first conference; takes what arrived at the others. */
void receive_checked(Run *run);
void drain_sink(int fd);

#endif
