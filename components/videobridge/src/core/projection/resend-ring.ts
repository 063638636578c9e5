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
  /** The newest entry; the older ones are in the arrays. */
  #isEmpty = true;
  #first = 0;
  #last = 0;
  /** Source number minus outgoing number. */
  #distance = 0;
  #stream = 0;
  #timestampOffset = 0;
  #addA = 0;
  #addB = 0;
  /** Made by the second entry: most streams have one for long. */
  #older: OlderEntries | undefined;
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
    const end = outSeq + count - 1;
    if (
      this.#distance === sourceSeq - outSeq &&
      this.#timestampOffset === timestampOffset &&
      this.#addA === addA &&
      this.#addB === addB &&
      this.#stream === streamIndex &&
      outSeq >= this.#first &&
      !this.#isEmpty
    ) {
      // What is missing between was not sent yet, and will be in just this way.
      if (end > this.#last) this.#last = end;
      return;
    }
    if (!this.#isEmpty) {
      this.#older ??= new OlderEntries();
      this.#older.push(
        this.#first,
        this.#last,
        this.#distance,
        this.#stream,
        this.#timestampOffset,
        this.#addA,
        this.#addB,
      );
    }
    this.#isEmpty = false;
    this.#first = outSeq;
    this.#last = end;
    this.#distance = sourceSeq - outSeq;
    this.#stream = streamIndex;
    this.#timestampOffset = timestampOffset;
    this.#addA = addA;
    this.#addB = addB;
  }

  /** Forgets `outSeq` and what follows it: those numbers are given to other packets. */
  forgetFrom(outSeq: number): void {
    this.#last = Math.min(this.#last, outSeq - 1);
    this.#older?.forgetFrom(outSeq);
  }

  /** Looks up a 16-bit outgoing number near `newestOutSeq`; whether it was sent. */
  find(seq: number, newestOutSeq: number): boolean {
    const back = ((newestOutSeq % 65_536) - seq) & 0xffff;
    const outSeq = newestOutSeq - back;
    if (back >= 32_768 || outSeq < 0) return false;
    this.outSeq = outSeq;
    if (!this.#isEmpty && outSeq >= this.#first && outSeq <= this.#last) {
      this.sourceSeq = outSeq + this.#distance;
      this.streamIndex = this.#stream;
      this.timestampOffset = this.#timestampOffset;
      this.addA = this.#addA;
      this.addB = this.#addB;
      return true;
    }
    return this.#older?.find(outSeq, this) ?? false;
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

/** A ring of entries that others followed. */
class OlderEntries {
  readonly #first = new Float64Array(ENTRIES);
  readonly #last = new Float64Array(ENTRIES).fill(-1);
  readonly #distance = new Float64Array(ENTRIES);
  /** Stream index, timestamp offset, addA, addB. */
  readonly #changes = new Int32Array(ENTRIES * 4);
  #newest = 0;

  push(
    first: number,
    last: number,
    distance: number,
    streamIndex: number,
    timestampOffset: number,
    addA: number,
    addB: number,
  ): void {
    const entry = (this.#newest + 1) & (ENTRIES - 1);
    this.#newest = entry;
    this.#first[entry] = first;
    this.#last[entry] = last;
    this.#distance[entry] = distance;
    this.#changes[entry * 4] = streamIndex;
    this.#changes[entry * 4 + 1] = timestampOffset;
    this.#changes[entry * 4 + 2] = addA;
    this.#changes[entry * 4 + 3] = addB;
  }

  forgetFrom(outSeq: number): void {
    for (let i = 0; i < ENTRIES; i++) this.#last[i] = Math.min(this.#last[i]!, outSeq - 1);
  }

  /** Sets the results of `ResendRing.find`; false when there is no such packet. */
  find(outSeq: number, found: ResendRing): boolean {
    for (let i = 0; i < ENTRIES; i++) {
      const entry = (this.#newest - i) & (ENTRIES - 1);
      if (outSeq < this.#first[entry]! || outSeq > this.#last[entry]!) continue;
      found.sourceSeq = outSeq + this.#distance[entry]!;
      found.streamIndex = this.#changes[entry * 4]!;
      found.timestampOffset = this.#changes[entry * 4 + 1]!;
      found.addA = this.#changes[entry * 4 + 2]!;
      found.addB = this.#changes[entry * 4 + 3]!;
      return true;
    }
    return false;
  }
}
