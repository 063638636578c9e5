/** Packet types and feedback formats of RTCP (RFC 3550 §12.1, RFC 4585 §6, RFC 5104 §4, draft-alvestrand-rmcat-remb-03). */

export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  application: 204,
  /** Transport layer feedback (RTPFB); the format is in the count field. */
  transportFeedback: 205,
  /** Payload-specific feedback (PSFB). */
  payloadFeedback: 206,
  extendedReport: 207,
} as const;

/** Formats of `RtcpType.transportFeedback`. */
export const TransportFeedback = { nack: 1, transportCc: 15 } as const;

/** Formats of `RtcpType.payloadFeedback`. */
export const PayloadFeedback = { pli: 1, fir: 4, applicationLayer: 15 } as const;

/** Bytes of the header every RTCP packet begins with. */
export const RTCP_HEADER_BYTES = 4;

/** Bytes of one report block (RFC 3550 §6.4.1). */
export const REPORT_BLOCK_BYTES = 24;

/** Report blocks, SDES chunks or BYE sources in one packet: a five-bit count. */
export const MAX_RTCP_COUNT = 31;
