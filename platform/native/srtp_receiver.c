/*
 * What a receiver of SRTP remembers per SSRC: the packet index (RFC 3711 §3.3.1) and which indices
 * came (§3.3.2). A stream exists only after one of its packets was authentic, so nobody but the peer
 * itself can fill its table.
 */
#include "srtp_receiver.h"
#include "layout.h"
#include "srtp_cipher.h"

#include <stdlib.h>
#include <string.h>

enum {
  REPLAY_BITS = REPLAY_WORDS * 64,
  /* The word that the newest index is in is only partly valid (RFC 6479 §3). */
  REPLAY_WINDOW = REPLAY_BITS - 64,
  /* A full table replaces the stream that was silent longest, if it was silent at least this long. */
  STREAM_IDLE_S = 5,
  RTP_HEADER = 12,
  RTCP_HEADER = 8,
};

static SrtpStream *find(SrtpStreamTable *table, uint32_t ssrc) {
  if (table->last < table->count && table->streams[table->last].ssrc == ssrc) {
    return &table->streams[table->last];
  }
  for (int i = 0; i < table->count; i++) {
    if (table->streams[i].ssrc == ssrc) {
      table->last = i;
      return &table->streams[i];
    }
  }
  return NULL;
}

/* True when there is room for a new stream now. */
static bool make_room(SrtpStreamTable *table, uint32_t now_s) {
  if (table->count < table->capacity) return true;
  if (table->capacity < STREAMS_PER_PEER) {
    int capacity = table->capacity ? table->capacity * 2 : 4;
    SrtpStream *streams = realloc(table->streams, (size_t)capacity * sizeof *streams);
    if (!streams) return false;
    table->streams = streams;
    table->capacity = capacity;
    return true;
  }
  int oldest = 0;
  for (int i = 1; i < table->count; i++) {
    if ((int32_t)(table->streams[i].last_used_s - table->streams[oldest].last_used_s) < 0) oldest = i;
  }
  if ((int32_t)(now_s - table->streams[oldest].last_used_s) < STREAM_IDLE_S) return false;
  table->streams[oldest] = table->streams[--table->count];
  return true;
}

static bool is_replayed(const SrtpStream *stream, uint64_t index) {
  if (index > stream->highest) return false;
  if (stream->highest - index >= REPLAY_WINDOW) return true;
  return stream->seen[(index >> 6) % REPLAY_WORDS] >> (index & 63) & 1;
}

static void mark_seen(SrtpStream *stream, uint64_t index) {
  if (index > stream->highest) {
    uint64_t words = (index >> 6) - (stream->highest >> 6);
    if (words > REPLAY_WORDS) words = REPLAY_WORDS;
    for (uint64_t i = 0; i < words; i++) stream->seen[((index >> 6) - i) % REPLAY_WORDS] = 0;
    stream->highest = index;
  }
  stream->seen[(index >> 6) % REPLAY_WORDS] |= 1ull << (index & 63);
}

static void add_or_accept(SrtpStreamTable *table, SrtpStream *stream, uint32_t ssrc, uint64_t index,
                          uint32_t now_s) {
  if (!stream) {
    table->last = table->count;
    stream = &table->streams[table->count++];
    memset(stream, 0, sizeof *stream);
    stream->ssrc = ssrc;
    stream->highest = index;
  }
  stream->last_used_s = now_s;
  mark_seen(stream, index);
}

/* RFC 3711 §3.3.1 and appendix A: the roll-over counter nearest to the highest index; -1 before 0. */
static int64_t guess_roc(const SrtpStream *stream, uint32_t seq) {
  if (!stream) return 0;
  int64_t roc = (int64_t)(stream->highest >> 16);
  uint32_t highest_seq = stream->highest & 0xffff;
  if (highest_seq < 0x8000) return seq > highest_seq + 0x8000 ? roc - 1 : roc;
  return seq < highest_seq - 0x8000 ? roc + 1 : roc;
}

/* Bytes of the header with CSRCs and extension (RFC 3550 §5.1, §5.3.1), 0 when cut short. */
static size_t rtp_header_bytes(const uint8_t *packet, size_t length) {
  if (length < RTP_HEADER) return 0;
  size_t header = RTP_HEADER + 4u * (packet[0] & 0x0f);
  if (packet[0] & 0x10) {
    if (length < header + 4) return 0;
    header += 4 + 4u * get16(packet + header + 2);
  }
  return header <= length ? header : 0;
}

int srtp_receive_rtp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                     uint32_t now_s) {
  size_t tag = srtp_tag_bytes(receiver->cipher.profile);
  if (length < tag) return SRTP_INVALID;
  size_t header = rtp_header_bytes(in, length - tag);
  if (header == 0) return SRTP_INVALID;
  uint32_t ssrc = get32(in + 8), seq = get16(in + 2);
  SrtpStreamTable *table = &receiver->rtp;
  SrtpStream *stream = find(table, ssrc);
  int64_t roc = guess_roc(stream, seq);
  if (roc < 0 || roc > UINT32_MAX) return SRTP_REPLAYED;
  uint64_t index = (uint64_t)roc << 16 | seq;
  if (stream && is_replayed(stream, index)) return SRTP_REPLAYED;
  size_t plain = srtp_unprotect_rtp(&receiver->cipher, in, header, length, (uint32_t)roc, out);
  if (plain == 0) return SRTP_AUTH_FAILED;
  if (!stream && !make_room(table, now_s)) return SRTP_INVALID;
  add_or_accept(table, stream, ssrc, index, now_s);
  return (int)plain;
}

int srtp_receive_rtcp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                      uint32_t now_s) {
  SrtpProfile profile = receiver->cipher.profile;
  size_t tag = srtp_tag_bytes(profile);
  if (length < RTCP_HEADER + 4 + tag) return SRTP_INVALID;
  uint32_t word = get32(in + length - (profile == PROFILE_AEAD_AES_128_GCM ? 4 : 4 + tag));
  /* Our profiles encrypt; a packet that says it is not encrypted was not agreed (E bit). */
  if (!(word & 0x80000000u)) return SRTP_INVALID;
  uint32_t ssrc = get32(in + 4), index = word & 0x7fffffffu;
  SrtpStreamTable *table = &receiver->rtcp;
  SrtpStream *stream = find(table, ssrc);
  if (stream && is_replayed(stream, index)) return SRTP_REPLAYED;
  size_t plain = srtcp_unprotect(&receiver->cipher, in, length, out);
  if (plain == 0) return SRTP_AUTH_FAILED;
  if (!stream && !make_room(table, now_s)) return SRTP_INVALID;
  add_or_accept(table, stream, ssrc, index, now_s);
  return (int)plain;
}

void srtp_receiver_prefetch(const SrtpReceiver *receiver) {
  enum { LINE = 64 };
  const char *start = (const char *)receiver;
  for (size_t at = 0; at < sizeof *receiver; at += LINE) __builtin_prefetch(start + at);
}

void srtp_receiver_prefetch_keys(const SrtpReceiver *receiver) {
  for (int part = 0; part < SRTP_PREFETCH_PARTS; part++) srtp_cipher_prefetch(&receiver->cipher, part);
  const SrtpStreamTable *table = &receiver->rtp;
  if (table->streams) __builtin_prefetch(&table->streams[table->last]);
}

void srtp_receiver_free(SrtpReceiver *receiver) {
  srtp_cipher_free(&receiver->cipher);
  free(receiver->rtp.streams);
  free(receiver->rtcp.streams);
  memset(receiver, 0, sizeof *receiver);
}
