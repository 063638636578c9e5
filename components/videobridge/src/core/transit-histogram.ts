/**
 * How long packets stay in the bridge: from the moment their batch is handed to us to the moment
 * everything that it caused has been given to the kernel.
 */

/** Upper bounds in ms, ascending; one more bucket takes the rest. Those of Jitsi's bridge are among them. */
export const TRANSIT_BOUNDS_MS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 500] as const;

export interface TransitTimes {
  readonly boundsMs: readonly number[];
  /** Packets by bucket, not added up; one more than bounds. */
  readonly counts: readonly number[];
  /** Of all packets. */
  readonly sumMs: number;
}

export class TransitHistogram {
  readonly #counts = new Float64Array(TRANSIT_BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** A batch of `packets` took so long. */
  add(durationMs: number, packets: number): void {
    let bucket = 0;
    while (bucket < TRANSIT_BOUNDS_MS.length && durationMs > TRANSIT_BOUNDS_MS[bucket]!) bucket++;
    this.#counts[bucket]! += packets;
    this.#sumMs += durationMs * packets;
  }

  read(): TransitTimes {
    return { boundsMs: TRANSIT_BOUNDS_MS, counts: [...this.#counts], sumMs: this.#sumMs };
  }
}
