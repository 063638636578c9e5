/* From a packet record and a run record to SRTP. */
#ifndef RTP_WRITER_H
#define RTP_WRITER_H

#include "layout.h"
#include "srtp_cipher.h"

enum {
  RTP_HEADER_MAX = 12 + 4 + 8, /* with two extension elements */
  COPIED_EXTENSION_MAX = 2 + 2 + 2 + 255 + 3, /* more, with one from the packet in the two-byte form */
};

/* The header of a run's packets, of which each changes a few bytes. */
typedef struct {
  uint8_t bytes[RTP_HEADER_MAX];
  size_t length;
  uint64_t first_index; /* SRTP index of the run's first packet */
  uint16_t first_sequence; /* its number in the packet record */
} RtpHeader;

bool rtp_packet_is_valid(const Io *io, const uint32_t *packet);
bool rtp_run_is_valid(const Io *io, const uint32_t *run);
uint32_t rtp_padding(const uint32_t *packet);
/* Prefix, payload and padding. */
uint32_t rtp_body_bytes(const uint32_t *packet);
/* Of the run's packets, without an element that one takes along. */
uint32_t rtp_header_bytes(const uint32_t *run);
/* Whether its packets are numbered by their first extension element, of two bytes (transport-wide congestion control). */
bool rtp_is_counted(const uint32_t *run);
void rtp_header_begin(RtpHeader *header, const uint32_t *run, const uint32_t *first_packet);
/* The packet at position `at` of the run, with `more` bytes of padding; its length, 0 on failure. */
size_t rtp_write(Io *io, SrtpCipher *sender, RtpHeader *header, const uint32_t *run,
                 const uint32_t *packet, uint32_t at, uint32_t more, uint8_t *out);

#endif
