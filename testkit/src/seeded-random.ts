/** Repeatable randomness for tests: the same seed, the same bytes. Never for production. */
import type { RandomSource } from '@conclave/base';

export class SeededRandom implements RandomSource {
  #state: number;

  /** `seed`: any integer; 32 bits of it count. */
  constructor(seed = 1) {
    this.#state = seed >>> 0;
  }

  /** A fraction in 0..1, 1 excluded. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** An integer in `min`..`max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.#next() >>> 24;
    return out;
  }

  /** The splitmix32 generator: every state is visited once before it repeats. */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }
}
