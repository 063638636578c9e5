/**
 * Reads transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1; the fields are drawn in
 * `transport-cc-writer.ts`).
 */
import { readUint16, readUint24 } from './byte-order.ts';
import { TICKS_PER_REFERENCE } from './transport-cc-writer.ts';

const SMALL = 1;
const LARGE = 2;

/** In `ticks`: this packet did not arrive. */
export const LOST_TICKS = -0x8000_0000;

/** One parsed feedback; reused, so that nothing is allocated per packet. */
export class TransportCcFeedback {
  /** Sequence number of the packet that `ticks[0]` is about. */
  baseSeq = 0;
  /** Statuses in this feedback. */
  count = 0;
  /** 0..255, counts up with each feedback of the other side. */
  feedbackCount = 0;
  /** Reference time in ticks of 250 us: signed, wraps every 2^24 units of 64 ms (12.4 days). */
  referenceTicks = 0;
  /** Statuses that say received. */
  receivedCount = 0;
  /** Arrival after `referenceTicks` in ticks of 250 us, or LOST_TICKS; entries 0..count-1 are valid. */
  readonly ticks: Int32Array;

  /** Feedback about more than `maxPackets` is refused. */
  constructor(maxPackets = 8192) {
    this.ticks = new Int32Array(maxPackets);
  }

  /**
   * Parses the body (from the sender SSRC on) of a transport feedback packet. False when it is
   * malformed; the contents are then undefined.
   */
  parse(bytes: Uint8Array, bodyOffset: number, bodyLength: number): boolean {
    if (bodyLength < 16 || bodyOffset + bodyLength > bytes.length) return false;
    const end = bodyOffset + bodyLength;
    this.baseSeq = readUint16(bytes, bodyOffset + 8);
    this.count = readUint16(bytes, bodyOffset + 10);
    // 24 bits signed.
    const reference = (readUint24(bytes, bodyOffset + 12) << 8) >> 8;
    this.referenceTicks = reference * TICKS_PER_REFERENCE;
    this.feedbackCount = bytes[bodyOffset + 15] ?? 0;
    this.receivedCount = 0;
    if (this.count === 0 || this.count > this.ticks.length) return false;

    // First pass: symbols into `ticks`; they become times in the second.
    let at = bodyOffset + 16;
    let index = 0;
    while (index < this.count) {
      if (at + 2 > end) return false;
      index = this.#readChunk(readUint16(bytes, at), index);
      at += 2;
    }
    let elapsed = 0;
    for (let i = 0; i < this.count; i++) {
      const symbol = this.ticks[i] ?? 0;
      if (symbol === SMALL) {
        if (at + 1 > end) return false;
        elapsed += bytes[at] ?? 0;
        at += 1;
      } else if (symbol === LARGE) {
        if (at + 2 > end) return false;
        elapsed += (readUint16(bytes, at) << 16) >> 16;
        at += 2;
      } else {
        // 3 is reserved; the draft gives it no delta.
        this.ticks[i] = LOST_TICKS;
        continue;
      }
      this.ticks[i] = elapsed;
      this.receivedCount++;
    }
    return true;
  }

  /** Writes the symbols of one chunk from `index` on; returns the next index. */
  #readChunk(chunk: number, index: number): number {
    const left = this.count - index;
    if ((chunk & 0x8000) === 0) {
      const run = Math.min(left, chunk & 0x1fff);
      this.ticks.fill((chunk >>> 13) & 3, index, index + run);
      return index + run;
    }
    const bitsPerSymbol = (chunk & 0x4000) === 0 ? 1 : 2;
    const length = Math.min(left, 14 / bitsPerSymbol);
    for (let i = 0; i < length; i++) {
      const shift = 14 - bitsPerSymbol * (i + 1);
      this.ticks[index + i] = (chunk >>> shift) & (bitsPerSymbol === 1 ? 1 : 3);
    }
    return index + length;
  }
}
