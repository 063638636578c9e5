/**
 * Decides which lost RTP packets to ask for again, and when (RFC 4585 §6.2.1).
 *
 * Sans-I/O: sequence numbers and time go in, due requests come out. One instance per SSRC of a
 * sender. Memory is fixed: a ring of the last `maxGap` sequence numbers.
 */
import { seqDiff } from '@conclave/base';

export interface NackRequesterOptions {
  /** Wait before the first request for a packet, default 0. */
  readonly delayMs?: number;
  /** Wait between two requests for the same packet, default 150. */
  readonly retryIntervalMs?: number;
  /** Requests per packet before giving up, default 10. */
  readonly maxRequests?: number;
  /** A jump of so many or more is a restart, not loss; packets further back are forgotten. 2..4096, default 100. */
  readonly maxGap?: number;
}

const NOT_MISSING = -1;

export class NackRequester {
  readonly #delayMs: number;
  readonly #retryIntervalMs: number;
  readonly #maxRequests: number;
  readonly #maxGap: number;
  readonly #mask: number;
  /** Per ring slot: requests made so far, or NOT_MISSING. */
  readonly #requests: Int16Array;
  readonly #dueMs: Float64Array;
  #missingCount = 0;
  #highest = -1;

  constructor(options: NackRequesterOptions = {}) {
    this.#delayMs = options.delayMs ?? 0;
    this.#retryIntervalMs = options.retryIntervalMs ?? 150;
    this.#maxRequests = options.maxRequests ?? 10;
    this.#maxGap = Math.max(2, Math.min(4096, options.maxGap ?? 100));
    const size = 1 << (32 - Math.clz32(this.#maxGap));
    this.#mask = size - 1;
    this.#requests = new Int16Array(size).fill(NOT_MISSING);
    this.#dueMs = new Float64Array(size);
  }

  /** Records the arrival of `seq` (0..65535), as original or repaired from RTX, at `nowMs`. */
  handlePacket(seq: number, nowMs: number): void {
    if (this.#highest < 0) {
      this.#highest = seq;
      return;
    }
    const gap = seqDiff(seq, this.#highest);
    if (gap <= 0) {
      if (gap > -this.#maxGap)
        this.#forget(seq); // late, or repaired
      else if (gap <= -this.#maxGap * 8) this.#restart(seq); // the sender began anew
      return;
    }
    if (gap >= this.#maxGap) {
      this.#restart(seq);
      return;
    }
    for (let i = gap - 1; i >= 0; i--) {
      this.#forget(seq - i - this.#maxGap); // falls out of the window
      if (i > 0) this.#miss(seq - i, nowMs);
    }
    this.#highest = seq;
  }

  /**
   * Writes the sequence numbers to ask for now into `out`, oldest first, and returns how many; what
   * does not fit stays due. Allocates nothing.
   */
  takeDue(nowMs: number, out: Uint16Array): number {
    let written = 0;
    if (this.#missingCount === 0) return 0;
    for (let i = this.#maxGap - 1; i > 0 && written < out.length; i--) {
      const seq = (this.#highest - i) & 0xffff;
      const slot = seq & this.#mask;
      const requests = this.#requests[slot] ?? NOT_MISSING;
      if (requests === NOT_MISSING || (this.#dueMs[slot] ?? 0) > nowMs) continue;
      if (requests >= this.#maxRequests) {
        this.#forget(seq);
        continue;
      }
      this.#requests[slot] = requests + 1;
      this.#dueMs[slot] = nowMs + this.#retryIntervalMs;
      out[written++] = seq;
    }
    return written;
  }

  /** When `takeDue` next has work, or undefined when nothing is missing. */
  get nextTimeoutMs(): number | undefined {
    if (this.#missingCount === 0) return undefined;
    let next = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#requests[slot] === NOT_MISSING) continue;
      const dueMs = this.#dueMs[slot] ?? 0;
      if (dueMs < next) next = dueMs;
    }
    return next;
  }

  /** Packets that are asked for at present: fewer than `maxGap`. */
  get missingCount(): number {
    return this.#missingCount;
  }

  /** Forgets everything, e.g. when the source is muted or a key frame makes the past useless. */
  reset(): void {
    this.#requests.fill(NOT_MISSING);
    this.#missingCount = 0;
    this.#highest = -1;
  }

  #restart(seq: number): void {
    this.reset();
    this.#highest = seq;
  }

  #miss(seq: number, nowMs: number): void {
    const slot = seq & this.#mask;
    this.#requests[slot] = 0;
    this.#dueMs[slot] = nowMs + this.#delayMs;
    this.#missingCount++;
  }

  #forget(seq: number): void {
    if (this.#missingCount === 0) return; // spares looking into memory, for every packet of most streams
    const slot = seq & this.#mask;
    if (this.#requests[slot] === NOT_MISSING) return;
    this.#requests[slot] = NOT_MISSING;
    this.#missingCount--;
  }
}
