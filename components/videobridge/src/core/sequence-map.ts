/**
 * Closes up the sequence numbers of packets that are left out on purpose (silence, padding,
 * temporal layers), so that nobody takes them for lost. Packets that are really missing keep their
 * number, and so does everything late that was not left out. Serves for picture ids as well.
 *
 * The map is piecewise: from `start[i]` on, `shift[i]` is subtracted. Old pieces are forgotten.
 */

/** Pieces remembered: how far back late packets can still be mapped. A power of two. */
const PIECES = 64;

export class SequenceMap {
  /** Made by the first that is left out: most streams have none for long. */
  #pieces: { readonly start: Float64Array; readonly shift: Float64Array } | undefined;
  #newest = 0;
  #count = 1;

  /** As if nothing had ever been left out. */
  reset(): void {
    this.#pieces = undefined;
    this.#newest = 0;
    this.#count = 1;
  }

  /** Leaves out `first` to `last`, which must be newer than everything mapped or left out before. */
  drop(first: number, last = first): void {
    this.#pieces ??= {
      start: new Float64Array(PIECES).fill(Number.NEGATIVE_INFINITY),
      shift: new Float64Array(PIECES),
    };
    const pieces = this.#pieces;
    const shift = pieces.shift[this.#newest]! + last + 1 - first;
    if (this.#count === 1 || pieces.start[this.#newest] !== first) {
      this.#newest = (this.#newest + 1) & (PIECES - 1);
      if (this.#count < PIECES) this.#count++;
    }
    pieces.start[this.#newest] = last + 1;
    pieces.shift[this.#newest] = shift;
  }

  /** The closed-up extended number, or NaN when it was left out or is too old to tell. */
  map(extendedSeq: number): number {
    if (this.#pieces === undefined) return extendedSeq;
    const { start: starts, shift: shifts } = this.#pieces;
    let at = this.#newest;
    for (let i = 0; i < this.#count; i++) {
      const start = starts[at]!;
      if (extendedSeq >= start) return extendedSeq - shifts[at]!;
      const older = (at - 1) & (PIECES - 1);
      // The numbers just below a piece are those that it closed up.
      if (extendedSeq >= start - (shifts[at]! - shifts[older]!)) return Number.NaN;
      at = older;
    }
    return Number.NaN;
  }
}
