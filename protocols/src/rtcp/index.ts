/** L1: RTCP, read in place and written into the caller's buffer, and the pure states behind reports and feedback. */
export {
  firCount,
  firSeq,
  firSsrc,
  readNack,
  writeFir,
  writeNack,
  writePli,
} from './feedback.ts';
export { NackRequester, type NackRequesterOptions } from './nack-requester.ts';
export {
  compactNtp,
  compactNtpFromMs,
  compactNtpToMs,
  ntpFraction,
  ntpSeconds,
  roundTripTimeMs,
  unixMsFromNtp,
} from './ntp-time.ts';
export { ReceiverReportState } from './receiver-report-state.ts';
export { rembBitrateBps, rembSsrc, rembSsrcCount, writeRemb } from './remb.ts';
export {
  createReportBlock,
  createSenderInfo,
  type ReportBlock,
  readReportBlock,
  readSenderInfo,
  type SenderInfo,
  writeReceiverReport,
  writeSenderReport,
} from './reports.ts';
export { RtcpCursor } from './rtcp-cursor.ts';
export {
  MAX_RTCP_COUNT,
  PayloadFeedback,
  REPORT_BLOCK_BYTES,
  RTCP_HEADER_BYTES,
  RtcpType,
  TransportFeedback,
} from './rtcp-types.ts';
export { readSdesCname, writeBye, writeSdesCname } from './source-description.ts';
export { LOST_TICKS, TransportCcFeedback } from './transport-cc-feedback.ts';
export { TransportCcRecorder, type TransportCcRecorderOptions } from './transport-cc-recorder.ts';
export {
  NOT_RECEIVED,
  TICKS_PER_MS,
  TICKS_PER_REFERENCE,
  TransportCcWriter,
} from './transport-cc-writer.ts';
