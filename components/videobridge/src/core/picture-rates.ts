/** How many pictures a second an encoding has, for receivers that limit that. Looked at once a second. */

/** Temporal ids above count as this one, as for bit rates. */
const MAX_TEMPORAL_ID = 3;
const WINDOW_MS = 1000;
/** A smaller change is no reason to choose layers anew: encoders leave pictures out now and then. */
const CHANGE = 1.2;

export class PictureRates {
  /** In this window, by temporal layer. */
  readonly #counts = new Float64Array(MAX_TEMPORAL_ID + 1);
  /** With the layers below. */
  readonly #perSecond = new Float64Array(MAX_TEMPORAL_ID + 1);
  #windowMs = Number.NEGATIVE_INFINITY;

  /** Counts a picture; true when rates are known for the first time, or are no longer what they were. */
  add(temporalId: number, nowMs: number): boolean {
    const elapsedMs = nowMs - this.#windowMs;
    const isOver = elapsedMs >= WINDOW_MS;
    // After a pause there is nothing to be learnt from the window.
    const hasMoved = isOver && elapsedMs < 2 * WINDOW_MS && this.#take(elapsedMs);
    if (isOver) {
      this.#counts.fill(0);
      this.#windowMs = nowMs;
    }
    const layer = Math.min(temporalId, MAX_TEMPORAL_ID);
    this.#counts[layer] = this.#counts[layer]! + 1;
    return hasMoved;
  }

  /** Of the layers up to `temporalId`; 0 while it is not known. */
  perSecond(temporalId: number): number {
    return this.#perSecond[Math.min(temporalId, MAX_TEMPORAL_ID)]!;
  }

  #take(elapsedMs: number): boolean {
    let hasMoved = false;
    let sum = 0;
    for (let layer = 0; layer <= MAX_TEMPORAL_ID; layer++) {
      sum += this.#counts[layer]!;
      const before = this.#perSecond[layer]!;
      const now = (sum * 1000) / elapsedMs;
      if (now <= before * CHANGE && now >= before / CHANGE) continue;
      this.#perSecond[layer] = now;
      hasMoved = true;
    }
    return hasMoved;
  }
}
