/**
 * Remembers when packets with a transport-wide sequence number arrived from one endpoint, and says
 * when feedback is due (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2).
 *
 * Sans-I/O, fixed memory: a ring of arrival times. A late packet is reported again together with
 * everything behind it, so that the sender learns that it was not lost.
 */
import { extendSeq } from '@conclave/base';
import { NOT_RECEIVED, TICKS_PER_MS, type TransportCcWriter } from './transport-cc-writer.ts';

export interface TransportCcRecorderOptions {
  /** SSRC the feedback is sent with. */
  readonly senderSsrc: number;
  /** Longest wait with something to report, default 100. */
  readonly intervalMs?: number;
  /**
   * Wait after the last feedback when packets are missing or late and a frame ended (marker bit), default 50: libwebrtc's
   * shortest. While all is well the sender learns nothing new by it.
   */
  readonly frameEndIntervalMs?: number;
  /** Arrival times kept; a power of two, default 2048. */
  readonly capacity?: number;
}

/** So many packets in a row from far behind are a restarted counter, not reordering. */
const RESTART_AFTER = 32;

export class TransportCcRecorder {
  /** An SSRC of the endpoint, copied into the feedback; any media SSRC it sends will do. */
  mediaSsrc = 0;
  readonly #senderSsrc: number;
  readonly #intervalMs: number;
  readonly #frameEndIntervalMs: number;
  readonly #mask: number;
  /** Arrival in ticks per extended sequence number modulo the ring; valid for (highest - capacity, highest]. */
  readonly #ring: Float64Array;
  readonly #linear: Float64Array;
  /** Extended numbers: the next one to report, and the highest seen. */
  #next = 0;
  #highest = -1;
  #pending = 0;
  #frameEnded = false;
  /** Something was missing or late since the last feedback. */
  #isDisturbed = false;
  #lastFeedbackMs = 0;
  #feedbackCount = 0;
  #farBehind = 0;
  #dropped = 0;

  constructor(options: TransportCcRecorderOptions) {
    this.#senderSsrc = options.senderSsrc;
    this.#intervalMs = options.intervalMs ?? 100;
    this.#frameEndIntervalMs = options.frameEndIntervalMs ?? 50;
    const capacity = options.capacity ?? 2048;
    if (capacity < 2 || capacity > 16_384 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`capacity ${capacity} is not a power of two in 2..16384`);
    }
    this.#mask = capacity - 1;
    this.#ring = new Float64Array(capacity).fill(NOT_RECEIVED);
    this.#linear = new Float64Array(capacity);
  }

  /**
   * Records the arrival of transport-wide sequence number `seq` (0..65535) `ageMicros` before `nowMs`
   * (not before 0); `isFrameEnd` is the RTP marker bit.
   */
  handlePacket(seq: number, isFrameEnd: boolean, nowMs: number, ageMicros = 0): void {
    if (this.#highest < 0) {
      this.#restart(seq);
      this.#lastFeedbackMs = nowMs;
    }
    const extended = extendSeq(seq, this.#highest);
    const capacity = this.#mask + 1;
    const distance = extended - this.#highest;
    if (distance >= capacity) {
      this.#restart(seq);
    } else if (distance > 0) {
      if (distance > 1) this.#isDisturbed = true;
      this.#advance(extended);
    } else if (distance <= -capacity) {
      this.#dropped++;
      if (++this.#farBehind < RESTART_AFTER) return;
      this.#restart(seq);
    } else if (this.#ring[extended & this.#mask] !== NOT_RECEIVED) {
      return; // a duplicate
    } else {
      this.#isDisturbed = true;
      if (extended < this.#next) this.#next = extended; // reported as lost, but it was only late
    }
    this.#farBehind = 0;
    // A restart may have chosen another extension of the same number: only the ring position counts.
    this.#ring[seq & this.#mask] = Math.round((nowMs - ageMicros / 1000) * TICKS_PER_MS);
    this.#pending++;
    if (isFrameEnd) this.#frameEnded = true;
  }

  /** When feedback is due, undefined when nothing arrived since the last one. */
  get nextTimeoutMs(): number | undefined {
    if (this.#pending === 0) return undefined;
    const isSoon = this.#frameEnded && this.#isDisturbed;
    return this.#lastFeedbackMs + (isSoon ? this.#frameEndIntervalMs : this.#intervalMs);
  }

  /** Packets whose number was too far behind to be recorded. */
  get droppedCount(): number {
    return this.#dropped;
  }

  /**
   * Writes one feedback packet of at most `maxBytes` (32 or more) with everything pending, or as much as fits.
   * Returns the bytes written, 0 when nothing is left: call until then. Independent of
   * `nextTimeoutMs`, which the caller looks at first.
   */
  writeFeedback(
    writer: TransportCcWriter,
    out: Uint8Array,
    offset: number,
    maxBytes: number,
    nowMs: number,
  ): number {
    if (this.#pending === 0) return 0;
    const count = this.#highest - this.#next + 1;
    for (let i = 0; i < count; i++) {
      this.#linear[i] = this.#ring[(this.#next + i) & this.#mask] ?? NOT_RECEIVED;
    }
    const length = writer.write(
      out,
      offset,
      maxBytes,
      this.#senderSsrc,
      this.mediaSsrc,
      this.#feedbackCount,
      this.#next & 0xffff,
      this.#linear,
      count,
    );
    if (length === 0) return 0;
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    this.#next += writer.covered;
    if (this.#next > this.#highest) {
      this.#pending = 0;
      this.#frameEnded = false;
      this.#isDisturbed = false;
      this.#lastFeedbackMs = nowMs;
    }
    return length;
  }

  /** Moves `highest` to `extended`, less than a ring ahead; what falls out unreported is forgotten. */
  #advance(extended: number): void {
    for (let number = this.#highest + 1; number <= extended; number++) {
      this.#ring[number & this.#mask] = NOT_RECEIVED;
    }
    this.#highest = extended;
    this.#next = Math.max(this.#next, extended - this.#mask);
  }

  /** Forgets everything and begins at `seq`. */
  #restart(seq: number): void {
    this.#ring.fill(NOT_RECEIVED);
    // One cycle up, so that numbers from just before the first are not negative.
    this.#highest = 0x1_0000 + seq;
    this.#next = this.#highest;
    this.#pending = 0;
    this.#frameEnded = false;
    this.#isDisturbed = false;
    this.#farBehind = 0;
  }
}
