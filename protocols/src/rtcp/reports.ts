/**
 * Sender and receiver reports (RFC 3550 §6.4). A report block:
 *
 *      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *      |                 SSRC of the source reported on                |
 *      | fraction lost |       cumulative number of packets lost       |
 *      |           extended highest sequence number received           |
 *      |                      interarrival jitter                      |
 *      |                         last SR (LSR)                         |
 *      |                   delay since last SR (DLSR)                  |
 *      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { readUint24, readUint32, writeUint24, writeUint32 } from './byte-order.ts';
import { writeRtcpHeader } from './rtcp-header.ts';
import { MAX_RTCP_COUNT, REPORT_BLOCK_BYTES, RtcpType } from './rtcp-types.ts';

/** Mutable, to be reused. */
export interface ReportBlock {
  ssrc: number;
  /** Lost since the last report, in 1/256. */
  fractionLost: number;
  /** -2^23..2^23-1; negative when there were duplicates. */
  cumulativeLost: number;
  /** Cycles in the upper 16 bits. */
  highestSeq: number;
  /** In units of the RTP timestamp. */
  jitter: number;
  /** Middle 32 bits of the NTP time of the last SR, 0 for none. */
  lastSr: number;
  /** In 1/65536 s. */
  delaySinceLastSr: number;
}

/** Mutable, to be reused. */
export interface SenderInfo {
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
}

export function createReportBlock(): ReportBlock {
  return {
    ssrc: 0,
    fractionLost: 0,
    cumulativeLost: 0,
    highestSeq: 0,
    jitter: 0,
    lastSr: 0,
    delaySinceLastSr: 0,
  };
}

export function createSenderInfo(): SenderInfo {
  return { ntpSeconds: 0, ntpFraction: 0, rtpTimestamp: 0, packetCount: 0, octetCount: 0 };
}

/** Reads the block at `offset` (`RtcpCursor.reportBlockOffset`) into `into`. */
export function readReportBlock(bytes: Uint8Array, offset: number, into: ReportBlock): void {
  into.ssrc = readUint32(bytes, offset);
  into.fractionLost = bytes[offset + 4] ?? 0;
  into.cumulativeLost = (readUint24(bytes, offset + 5) << 8) >> 8;
  into.highestSeq = readUint32(bytes, offset + 8);
  into.jitter = readUint32(bytes, offset + 12);
  into.lastSr = readUint32(bytes, offset + 16);
  into.delaySinceLastSr = readUint32(bytes, offset + 20);
}

/** Reads the sender info of an SR whose body begins at `bodyOffset`. */
export function readSenderInfo(bytes: Uint8Array, bodyOffset: number, into: SenderInfo): void {
  into.ntpSeconds = readUint32(bytes, bodyOffset + 4);
  into.ntpFraction = readUint32(bytes, bodyOffset + 8);
  into.rtpTimestamp = readUint32(bytes, bodyOffset + 12);
  into.packetCount = readUint32(bytes, bodyOffset + 16);
  into.octetCount = readUint32(bytes, bodyOffset + 20);
}

/**
 * Writes an RR with the first `count` of `blocks` at `offset`. Returns the bytes written: 0 when it
 * does not fit or `count` is not 0..31.
 */
export function writeReceiverReport(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  blocks: readonly Readonly<ReportBlock>[],
  count: number = blocks.length,
): number {
  const length = 8 + count * REPORT_BLOCK_BYTES;
  if (!canWrite(out, offset, length, blocks, count)) return 0;
  writeRtcpHeader(out, offset, count, RtcpType.receiverReport, length);
  writeUint32(out, offset + 4, senderSsrc);
  writeReportBlocks(out, offset + 8, blocks, count);
  return length;
}

/** Writes an SR with the first `count` of `blocks`. Returns the bytes written, 0 when it does not fit. */
export function writeSenderReport(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  info: Readonly<SenderInfo>,
  blocks: readonly Readonly<ReportBlock>[] = [],
  count: number = blocks.length,
): number {
  const length = 28 + count * REPORT_BLOCK_BYTES;
  if (!canWrite(out, offset, length, blocks, count)) return 0;
  writeRtcpHeader(out, offset, count, RtcpType.senderReport, length);
  writeUint32(out, offset + 4, senderSsrc);
  writeUint32(out, offset + 8, info.ntpSeconds);
  writeUint32(out, offset + 12, info.ntpFraction);
  writeUint32(out, offset + 16, info.rtpTimestamp);
  writeUint32(out, offset + 20, info.packetCount);
  writeUint32(out, offset + 24, info.octetCount);
  writeReportBlocks(out, offset + 28, blocks, count);
  return length;
}

function canWrite(
  out: Uint8Array,
  offset: number,
  length: number,
  blocks: readonly Readonly<ReportBlock>[],
  count: number,
): boolean {
  return (
    count >= 0 && count <= MAX_RTCP_COUNT && count <= blocks.length && offset + length <= out.length
  );
}

function writeReportBlocks(
  out: Uint8Array,
  offset: number,
  blocks: readonly Readonly<ReportBlock>[],
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const block = blocks[i];
    if (block === undefined) return;
    const at = offset + i * REPORT_BLOCK_BYTES;
    writeUint32(out, at, block.ssrc);
    out[at + 4] = block.fractionLost;
    // RFC 3550 A.3: clamped to 24 bits signed.
    const lost = Math.max(-0x80_0000, Math.min(0x7f_ffff, block.cumulativeLost));
    writeUint24(out, at + 5, lost);
    writeUint32(out, at + 8, block.highestSeq);
    writeUint32(out, at + 12, block.jitter);
    writeUint32(out, at + 16, block.lastSr);
    writeUint32(out, at + 20, block.delaySinceLastSr);
  }
}
