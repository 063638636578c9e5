/**
 * What was sent to one receiver of one source lately, by outgoing sequence number: enough to build
 * the same packet again from the retransmission cache.
 */

/** A power of two. */
const ENTRIES = 512;
const WORDS = 8;

const HAS = 0;
const STREAM = 1;
const TIMESTAMP = 2;
const PATCH_A = 3;
const PATCH_B = 4;
const TRANSPORT_SEQ = 5;
const RESENT_MS = 6;

export class ResendRing {
  readonly #words = new Int32Array(ENTRIES * WORDS);
  readonly #outSeqs = new Float64Array(ENTRIES);
  readonly #sourceSeqs = new Float64Array(ENTRIES);

  /** Notes a sent packet; `transportSeq` is -1 when it had none. */
  put(
    outSeq: number,
    streamIndex: number,
    sourceSeq: number,
    timestamp: number,
    patchA: number,
    patchB: number,
    transportSeq: number,
  ): void {
    const entry = outSeq & (ENTRIES - 1);
    const at = entry * WORDS;
    this.#outSeqs[entry] = outSeq;
    this.#sourceSeqs[entry] = sourceSeq;
    this.#words[at + HAS] = 1;
    this.#words[at + STREAM] = streamIndex;
    this.#words[at + TIMESTAMP] = timestamp;
    this.#words[at + PATCH_A] = patchA;
    this.#words[at + PATCH_B] = patchB;
    this.#words[at + TRANSPORT_SEQ] = transportSeq;
    this.#words[at + RESENT_MS] = 0;
  }

  /** The entry of a 16-bit outgoing number near `newestOutSeq`, or -1. */
  find(seq: number, newestOutSeq: number): number {
    const entry = seq & (ENTRIES - 1);
    if (this.#words[entry * WORDS + HAS] === 0) return -1;
    const outSeq = this.#outSeqs[entry]!;
    return (outSeq & 0xffff) === seq && newestOutSeq - outSeq < 32_768 ? entry : -1;
  }

  outSeq(entry: number): number {
    return this.#outSeqs[entry]!;
  }

  sourceSeq(entry: number): number {
    return this.#sourceSeqs[entry]!;
  }

  streamIndex(entry: number): number {
    return this.#words[entry * WORDS + STREAM]!;
  }

  timestamp(entry: number): number {
    return this.#words[entry * WORDS + TIMESTAMP]!;
  }

  patchA(entry: number): number {
    return this.#words[entry * WORDS + PATCH_A]!;
  }

  patchB(entry: number): number {
    return this.#words[entry * WORDS + PATCH_B]!;
  }

  transportSeq(entry: number): number {
    return this.#words[entry * WORDS + TRANSPORT_SEQ]!;
  }

  /** Whether it was resent within `intervalMs`; if not, notes that it is now. */
  wasResentWithin(entry: number, intervalMs: number, nowMs: number): boolean {
    const at = entry * WORDS + RESENT_MS;
    // Milliseconds modulo 2^32, 0 for never.
    const now = Math.floor(nowMs) | 0 || 1;
    const last = this.#words[at]!;
    if (last !== 0 && ((now - last) | 0) < intervalMs) return true;
    this.#words[at] = now;
    return false;
  }
}
