/**
 * Which of the latest sequence numbers of a stream have come, told by those that have not: where nothing is missing nothing has
 * to be noted, and a packet touches no memory but this object. Numbers are extended (RFC 3550 A.1).
 */

/** So far back a late packet is told from a duplicate; a power of two. */
export const RECEIVED_WINDOW = 1024;

export class ReceivedNumbers {
  #first: number;
  #highest: number;
  /** A bit for each number of the window, set when it lies between the first and the highest and has not come. */
  #missing: Uint32Array | undefined;
  /** Bits set. */
  #missingCount = 0;

  constructor(first: number) {
    this.#first = first;
    this.#highest = first;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Notes a number less than the window below the highest; false when it had come before. */
  add(extended: number): boolean {
    if (extended > this.#highest) {
      const before = this.#highest;
      this.#highest = extended;
      // The place of this number was that of the one that leaves the window.
      this.#clear(extended);
      this.#miss(Math.max(before + 1, extended - RECEIVED_WINDOW + 1), extended);
      return true;
    }
    if (extended < this.#first) {
      this.#miss(extended + 1, this.#first);
      this.#first = extended;
      return true;
    }
    return this.#clear(extended);
  }

  /** False when the number was not missing. */
  #clear(number: number): boolean {
    if (this.#missingCount === 0 || this.#missing === undefined) return false;
    const index = number & (RECEIVED_WINDOW - 1);
    const word = this.#missing[index >>> 5] as number;
    const bit = 1 << (index & 31);
    if ((word & bit) === 0) return false;
    this.#missing[index >>> 5] = word & ~bit;
    this.#missingCount--;
    return true;
  }

  /** Numbers up to, but not with, the end. */
  #miss(from: number, end: number): void {
    if (from >= end) return;
    this.#missing ??= new Uint32Array(RECEIVED_WINDOW / 32);
    for (let number = from; number < end; number++) {
      const index = number & (RECEIVED_WINDOW - 1);
      const word = this.#missing[index >>> 5] as number;
      const bit = 1 << (index & 31);
      if ((word & bit) !== 0) continue;
      this.#missing[index >>> 5] = word | bit;
      this.#missingCount++;
    }
  }
}
