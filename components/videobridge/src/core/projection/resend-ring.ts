/**
 * Under which numbers packets of one source were sent to one receiver lately: enough to build the same
 * packet again from the retransmission cache. Packets in a row that were renumbered alike are one
 * entry, so that a stream that goes on undisturbed is a single one.
 */

/** A power of two: frames that are left out end an entry, 15 or 20 times a second. */
const ENTRIES = 64;
/** Packets whose last repetition is remembered; a power of two. */
const RESENT = 512;

export class ResendRing {
  /** Results of `find`. */
  outSeq = 0;
  sourceSeq = 0;
  streamIndex = 0;
  timestampOffset = 0;
  addA = 0;
  addB = 0;
  readonly #first = new Float64Array(ENTRIES);
  readonly #last = new Float64Array(ENTRIES).fill(-1);
  /** Source number minus outgoing number. */
  readonly #distance = new Float64Array(ENTRIES);
  readonly #streams = new Int8Array(ENTRIES);
  readonly #timestampOffsets = new Int32Array(ENTRIES);
  readonly #adds = new Int32Array(ENTRIES);
  #newest = 0;
  /** Pairs of outgoing number and milliseconds, both modulo 2^32; made by the first repetition. */
  #resent: Int32Array | undefined;

  /** Notes `count` packets that were sent as `outSeq` and the following; `addA` and `addB` are 0..65535. */
  put(
    outSeq: number,
    count: number,
    streamIndex: number,
    sourceSeq: number,
    timestampOffset: number,
    addA: number,
    addB: number,
  ): void {
    const distance = sourceSeq - outSeq;
    const adds = (addA << 16) | addB;
    const end = outSeq + count - 1;
    const newest = this.#newest;
    const isSame =
      this.#distance[newest] === distance &&
      this.#timestampOffsets[newest] === timestampOffset &&
      this.#adds[newest] === adds &&
      this.#streams[newest] === streamIndex;
    if (isSame && outSeq >= this.#first[newest]! && this.#last[newest]! >= 0) {
      // What is missing between was not sent yet, and will be in just this way.
      if (end > this.#last[newest]!) this.#last[newest] = end;
      return;
    }
    const entry = (newest + 1) & (ENTRIES - 1);
    this.#newest = entry;
    this.#first[entry] = outSeq;
    this.#last[entry] = end;
    this.#distance[entry] = distance;
    this.#streams[entry] = streamIndex;
    this.#timestampOffsets[entry] = timestampOffset;
    this.#adds[entry] = adds;
  }

  /** Looks up a 16-bit outgoing number near `newestOutSeq`; whether it was sent. */
  find(seq: number, newestOutSeq: number): boolean {
    const back = ((newestOutSeq % 65_536) - seq) & 0xffff;
    const outSeq = newestOutSeq - back;
    if (back >= 32_768 || outSeq < 0) return false;
    for (let i = 0; i < ENTRIES; i++) {
      const entry = (this.#newest - i) & (ENTRIES - 1);
      if (outSeq < this.#first[entry]! || outSeq > this.#last[entry]!) continue;
      this.outSeq = outSeq;
      this.sourceSeq = outSeq + this.#distance[entry]!;
      this.streamIndex = this.#streams[entry]!;
      this.timestampOffset = this.#timestampOffsets[entry]!;
      this.addA = this.#adds[entry]! >>> 16;
      this.addB = this.#adds[entry]! & 0xffff;
      return true;
    }
    return false;
  }

  /** Whether the packet was resent within `intervalMs`; if not, notes that it is now. */
  wasResentWithin(outSeq: number, intervalMs: number, nowMs: number): boolean {
    this.#resent ??= new Int32Array(2 * RESENT).fill(-1);
    const at = 2 * (outSeq & (RESENT - 1));
    const now = Math.floor(nowMs) | 0;
    const isKnown = this.#resent[at] === (outSeq | 0);
    if (isKnown && ((now - this.#resent[at + 1]!) | 0) < intervalMs) return true;
    this.#resent[at] = outSeq | 0;
    this.#resent[at + 1] = now;
    return false;
  }
}
