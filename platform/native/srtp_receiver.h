/* Roll-over counters, replay windows, bounded tables of streams. */
#ifndef SRTP_RECEIVER_H
#define SRTP_RECEIVER_H

#include "srtp_cipher.h"

enum { REPLAY_WORDS = 16, STREAMS_PER_PEER = 128 };

typedef struct {
  uint32_t ssrc;
  uint32_t last_used_s;
  uint64_t highest; /* RTP: ROC << 16 | seq. SRTCP: index. */
  uint64_t seen[REPLAY_WORDS];
} SrtpStream;

typedef struct {
  SrtpStream *streams;
  int count, capacity, last;
} SrtpStreamTable;

typedef struct {
  SrtpCipher cipher;
  SrtpStreamTable rtp, rtcp;
} SrtpReceiver;

enum { SRTP_INVALID = -1, SRTP_AUTH_FAILED = -2, SRTP_REPLAYED = -3 };

/* Plain length, or one of the above. `now_s` is any clock in seconds. */
int srtp_receive_rtp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                     uint32_t now_s);
int srtp_receive_rtcp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                      uint32_t now_s);
/* Has fetched into the cache what receiving begins with; later, when that is there, keys and counters. */
void srtp_receiver_prefetch(const SrtpReceiver *receiver);
void srtp_receiver_prefetch_keys(const SrtpReceiver *receiver);
void srtp_receiver_free(SrtpReceiver *receiver);

#endif
