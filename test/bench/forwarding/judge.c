/*
 * What the receivers of the first conference got: it decrypts, the sequence numbers go on by one, the payload is the
 * sender's. Delay ends with the kernel's time stamp of arrival, so that this program's own receiving adds nothing.
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { BATCH = 64 };

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

void receive_checked(Run *run) {
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
void drain_sink(int fd) {
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
