/* What senders send: video in frame bursts as libwebrtc packs them, and audio. */
#include "load.h"

#include <string.h>

enum {
  CLOCK_RATE = 90000,
  MAX_PAYLOAD = 1160, /* of the video, as libwebrtc fills packets of 1200 bytes */
  MAX_FRAME_PACKETS = 64,
};

static uint32_t next_random(Sender *sender) {
  sender->random ^= sender->random << 13;
  sender->random ^= sender->random >> 17;
  sender->random ^= sender->random << 5;
  return sender->random;
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

void send_frame(Run *run, Sender *sender, int index, bool is_first) {
  static uint8_t packets[MAX_FRAME_PACKETS][1500];
  struct mmsghdr messages[MAX_FRAME_PACKETS];
  struct iovec vectors[MAX_FRAME_PACKETS];
  const int average = run->plan.video_bps / 8 / FRAMES_PER_S;
  /* Every ten seconds, not all at once; nobody listens to requests for one. */
  bool key = is_first || (sender->picture_id + index * 37) % 300 == 0;
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
void send_audio(Run *run, Sender *sender, int index) {
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

