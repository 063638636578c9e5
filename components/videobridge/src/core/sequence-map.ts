/**
 * Closes up the sequence numbers of packets that are left out on purpose (silence, padding,
 * temporal layers), so that nobody takes them for lost. Packets that are really missing keep their
 * number, and so does everything late that was not left out.
 *
 * The map is piecewise: from `start[i]` on, `shift[i]` is subtracted. Old pieces are forgotten.
 */

/** Pieces remembered: how far back late packets can still be mapped. A power of two. */
const PIECES = 64;

export class SequenceMap {
  readonly #start = new Float64Array(PIECES);
  readonly #shift = new Float64Array(PIECES);
  #newest = 0;
  #count = 1;

  constructor() {
    this.#start[0] = Number.NEGATIVE_INFINITY;
  }

  /** Leaves out `extendedSeq`, which must be newer than everything mapped or left out before. */
  drop(extendedSeq: number): void {
    const shift = this.#shift[this.#newest]! + 1;
    if (this.#count === 1 || this.#start[this.#newest] !== extendedSeq) {
      this.#newest = (this.#newest + 1) & (PIECES - 1);
      if (this.#count < PIECES) this.#count++;
    }
    this.#start[this.#newest] = extendedSeq + 1;
    this.#shift[this.#newest] = shift;
  }

  /** The closed-up extended number, or NaN when the packet is too old to tell. */
  map(extendedSeq: number): number {
    let at = this.#newest;
    for (let i = 0; i < this.#count; i++) {
      if (extendedSeq >= this.#start[at]!) return extendedSeq - this.#shift[at]!;
      at = (at - 1) & (PIECES - 1);
    }
    return Number.NaN;
  }
}
