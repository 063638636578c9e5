/**
 * Which of the latest sequence numbers of a stream have come, told by those that have not: where nothing is missing nothing has
 * to be noted, and a packet touches no memory but this object. Numbers are extended (RFC 3550 A.1).
 */

/** So far back a late packet is told from a duplicate. */
export const RECEIVED_WINDOW = 1024;

export class ReceivedNumbers {
  #first: number;
  #highest: number;
  /** Between the first and the highest; also some from before the window. */
  #missing: Set<number> | undefined;

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
      if (extended > before + 1) {
        this.#miss(Math.max(before + 1, extended - RECEIVED_WINDOW + 1), extended - 1);
      }
      return true;
    }
    if (extended < this.#first) {
      this.#miss(extended + 1, this.#first - 1);
      this.#first = extended;
      return true;
    }
    return this.#missing?.delete(extended) ?? false;
  }

  #miss(from: number, to: number): void {
    this.#missing ??= new Set();
    for (let number = from; number <= to; number++) this.#missing.add(number);
    if (this.#missing.size <= 2 * RECEIVED_WINDOW) return;
    for (const number of this.#missing) {
      if (number <= this.#highest - RECEIVED_WINDOW) this.#missing.delete(number);
    }
  }
}
