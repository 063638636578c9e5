/**
 * Writes transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). Behind the feedback header:
 *
 *      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *      |      base sequence number     |      packet status count      |
 *      |           reference time (64 ms)              | fb pkt. count |
 *      |          packet chunk         |         packet chunk ...      |
 *      |  receive deltas (250 us): 8 bits unsigned, or 16 bits signed  |
 */
import { writeUint16, writeUint24 } from './byte-order.ts';
import { writeFeedbackHeader } from './rtcp-header.ts';
import { RtcpType, TransportFeedback } from './rtcp-types.ts';

/** Receive deltas count in ticks of 250 us: four a millisecond. */
export const TICKS_PER_MS = 4;
/** Ticks in one unit of the reference time, 64 ms. */
export const TICKS_PER_REFERENCE = 256;
/** In an array of arrival ticks: this packet did not arrive. */
export const NOT_RECEIVED = -1;

/** Packet status symbols; the value is also the size of the delta in bytes. */
const LOST = 0;
const SMALL = 1;
const LARGE = 2;

const FIXED_BYTES = 20;
const MAX_RUN = 0x1fff;
const ONE_BIT_SYMBOLS = 14;
const TWO_BIT_SYMBOLS = 7;

/** Keeps scratch memory for packets of up to `maxPackets` statuses; one instance serves all endpoints of a thread. */
export class TransportCcWriter {
  /** Statuses covered by the last `write`: the next packet begins so much later. */
  covered = 0;
  readonly #symbols: Uint8Array;
  readonly #deltas: Int16Array;

  constructor(maxPackets = 2048) {
    this.#symbols = new Uint8Array(maxPackets);
    this.#deltas = new Int16Array(maxPackets);
  }

  /**
   * Writes feedback about `count` packets from `baseSeq` on; `arrivalTicks` holds for each of them
   * the arrival in ticks of 250 us (an integer of 0 or more) or `NOT_RECEIVED`. Stays within
   * `maxBytes`, which are 28 or more. What one packet cannot hold (too many bytes, or more than 8.19 s between two
   * packets) is left over: see `covered` and call again. Returns the bytes written: 0 when no
   * packet was received or there is no room.
   */
  write(
    out: Uint8Array,
    offset: number,
    maxBytes: number,
    senderSsrc: number,
    mediaSsrc: number,
    feedbackCount: number,
    baseSeq: number,
    arrivalTicks: Float64Array,
    count: number,
  ): number {
    this.covered = 0;
    // Rounded down: the packet is padded to whole words.
    const limit = Math.min(maxBytes, out.length - offset) & ~3;
    let first = 0;
    while (first < count && arrivalTicks[first] === NOT_RECEIVED) first++;
    if (first === count) return 0;
    const reference = Math.floor((arrivalTicks[first] ?? 0) / TICKS_PER_REFERENCE);
    const usable = this.#classify(arrivalTicks, count, reference * TICKS_PER_REFERENCE);

    let at = offset + FIXED_BYTES;
    let deltaBytes = 0;
    let index = 0;
    while (index < usable) {
      const spare = limit - (at - offset) - 2 - deltaBytes;
      const taken = this.#writeChunk(out, at, index, usable, spare);
      if (taken === 0) break;
      for (let i = index; i < index + taken; i++) deltaBytes += this.#symbols[i] ?? 0;
      index += taken;
      at += 2;
    }
    // Only lost packets fitted: such a packet would carry no reference time worth sending.
    if (index <= first) return 0;
    for (let i = 0; i < index; i++) {
      const delta = this.#deltas[i] ?? 0;
      if (this.#symbols[i] === SMALL) {
        out[at++] = delta;
      } else if (this.#symbols[i] === LARGE) {
        writeUint16(out, at, delta & 0xffff);
        at += 2;
      }
    }
    while (((at - offset) & 3) !== 0) out[at++] = 0;
    writeFeedbackHeader(
      out,
      offset,
      RtcpType.transportFeedback,
      TransportFeedback.transportCc,
      at - offset,
      senderSsrc,
      mediaSsrc,
    );
    writeUint16(out, offset + 12, baseSeq);
    writeUint16(out, offset + 14, index);
    writeUint24(out, offset + 16, reference & 0xff_ffff);
    out[offset + 19] = feedbackCount;
    this.covered = index;
    return at - offset;
  }

  /** Fills symbols and deltas; returns how many statuses can be expressed from this reference time. */
  #classify(arrivalTicks: Float64Array, count: number, referenceTicks: number): number {
    const end = Math.min(count, this.#symbols.length, arrivalTicks.length);
    let previous = referenceTicks;
    for (let i = 0; i < end; i++) {
      const ticks = arrivalTicks[i] ?? NOT_RECEIVED;
      if (ticks === NOT_RECEIVED) {
        this.#symbols[i] = LOST;
        continue;
      }
      const delta = ticks - previous;
      if (delta < -0x8000 || delta > 0x7fff) return i;
      this.#symbols[i] = delta >= 0 && delta <= 0xff ? SMALL : LARGE;
      this.#deltas[i] = delta;
      previous = ticks;
    }
    return end;
  }

  /**
   * Writes the chunk that covers most statuses from `index` on, with at most `spare` bytes of deltas.
   * Returns the statuses it covers, 0 when there is no room. A vector is only used when it is full or
   * ends the packet; a run of one always can be.
   */
  #writeChunk(out: Uint8Array, at: number, index: number, end: number, spare: number): number {
    if (spare < 0) return 0;
    const symbol = this.#symbols[index] ?? LOST;
    let run = 1;
    while (index + run < end && run < MAX_RUN && this.#symbols[index + run] === symbol) run++;
    if (symbol !== LOST) run = Math.min(run, Math.floor(spare / symbol));

    const oneBit = this.#vectorLength(index, end, ONE_BIT_SYMBOLS, SMALL, spare);
    if (oneBit > run) {
      let bits = 0x8000;
      for (let i = 0; i < oneBit; i++) {
        bits |= (this.#symbols[index + i] ?? LOST) << (ONE_BIT_SYMBOLS - 1 - i);
      }
      writeUint16(out, at, bits);
      return oneBit;
    }
    const twoBit = this.#vectorLength(index, end, TWO_BIT_SYMBOLS, LARGE, spare);
    if (twoBit > run) {
      let bits = 0xc000;
      for (let i = 0; i < twoBit; i++) {
        bits |= (this.#symbols[index + i] ?? LOST) << (2 * (TWO_BIT_SYMBOLS - 1 - i));
      }
      writeUint16(out, at, bits);
      return twoBit;
    }
    if (run > 0) writeUint16(out, at, (symbol << 13) | run);
    return run;
  }

  /** Statuses a vector of `size` symbols up to `largest` would cover here, 0 when it is not possible. */
  #vectorLength(index: number, end: number, size: number, largest: number, spare: number): number {
    const length = Math.min(size, end - index);
    let bytes = 0;
    for (let i = 0; i < length; i++) {
      const symbol = this.#symbols[index + i] ?? LOST;
      if (symbol > largest) return 0;
      bytes += symbol;
    }
    return bytes <= spare ? length : 0;
  }
}
