/**
 * Walks over a compound RTCP packet in place (RFC 3550 §6.1; reduced size allowed, RFC 5506).
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |V=2|P|  count  |  packet type  |   length in words, minus one  |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                     body: bodyOffset, bodyLength              |
 */
import { readUint16, readUint32 } from './byte-order.ts';
import {
  PayloadFeedback,
  REPORT_BLOCK_BYTES,
  RTCP_HEADER_BYTES,
  RtcpType,
  TransportFeedback,
} from './rtcp-types.ts';

const EMPTY = new Uint8Array(0);

/**
 * Reused for every packet: `reset`, then `next` until it returns false. After a `next` that
 * returned true the body is long enough for every fixed field of its type and for `count` report
 * blocks, so the accessors of this package may be called with `bytes` and `bodyOffset`.
 */
export class RtcpCursor {
  bytes: Uint8Array = EMPTY;
  /** One of `RtcpType`, or a type unknown to us. */
  type = 0;
  /** Report or source count, or the format of a feedback packet: 0..31. */
  count = 0;
  /** Where the header of this packet is. */
  packetOffset = 0;
  /** Behind the four-byte header. */
  bodyOffset = 0;
  /** Bytes of the body without padding. */
  bodyLength = 0;
  /** Packets of this compound that were skipped because they are too short for their type. */
  skipped = 0;
  /** The walk ended at bytes that are no RTCP packet. */
  isMalformed = false;
  #next = 0;
  #end = 0;

  /** Starts over at `length` bytes from `offset`; the bytes are only borrowed. */
  reset(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.#next = offset;
    this.#end = Math.min(offset + length, bytes.length);
    this.skipped = 0;
    this.isMalformed = false;
  }

  /** Moves to the next packet of a plausible size; false at the end. */
  next(): boolean {
    while (this.#next < this.#end) {
      const offset = this.#next;
      const left = this.#end - offset;
      const first = this.bytes[offset] ?? 0;
      if (left < RTCP_HEADER_BYTES || first >>> 6 !== 2) return this.#stop();
      const packetLength = (readUint16(this.bytes, offset + 2) + 1) * 4;
      if (packetLength > left) return this.#stop();
      let bodyLength = packetLength - RTCP_HEADER_BYTES;
      if ((first & 0x20) !== 0) {
        const padding = this.bytes[offset + packetLength - 1] ?? 0;
        if (padding === 0 || padding > bodyLength) return this.#stop();
        bodyLength -= padding;
      }
      this.#next = offset + packetLength;
      this.type = this.bytes[offset + 1] ?? 0;
      this.count = first & 0x1f;
      this.packetOffset = offset;
      this.bodyOffset = offset + RTCP_HEADER_BYTES;
      this.bodyLength = bodyLength;
      if (bodyLength >= minimumBody(this.type, this.count)) return true;
      this.skipped++;
    }
    return false;
  }

  /** SSRC of the sender of this packet; 0 when the packet has none (empty SDES or BYE). */
  get senderSsrc(): number {
    return this.bodyLength >= 4 ? readUint32(this.bytes, this.bodyOffset) : 0;
  }

  /** Media source SSRC of a feedback packet (RFC 4585 §6.1); 0 elsewhere. */
  get mediaSsrc(): number {
    const isFeedback =
      this.type === RtcpType.transportFeedback || this.type === RtcpType.payloadFeedback;
    return isFeedback ? readUint32(this.bytes, this.bodyOffset + 4) : 0;
  }

  /** Report blocks of an SR or RR; 0 for other types. */
  get reportCount(): number {
    return this.type === RtcpType.senderReport || this.type === RtcpType.receiverReport
      ? this.count
      : 0;
  }

  /** Where report block `index` (0..reportCount-1) is. */
  reportBlockOffset(index: number): number {
    const first = this.type === RtcpType.senderReport ? 24 : 4;
    return this.bodyOffset + first + index * REPORT_BLOCK_BYTES;
  }

  #stop(): false {
    this.isMalformed = true;
    this.#next = this.#end;
    return false;
  }
}

/** Bytes that must be there so that the fixed fields can be read without further checks. */
function minimumBody(type: number, count: number): number {
  switch (type) {
    case RtcpType.senderReport:
      return 24 + count * REPORT_BLOCK_BYTES;
    case RtcpType.receiverReport:
      return 4 + count * REPORT_BLOCK_BYTES;
    case RtcpType.goodbye:
      return count * 4;
    case RtcpType.transportFeedback:
      if (count === TransportFeedback.nack) return 12;
      return count === TransportFeedback.transportCc ? 16 : 8;
    case RtcpType.payloadFeedback:
      return count === PayloadFeedback.fir ? 16 : 8;
    default:
      return 0;
  }
}
