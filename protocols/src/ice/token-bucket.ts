/** A rate limit: `ratePerSecond` on average, at most one second's worth at once. */

export class TokenBucket {
  readonly #ratePerSecond: number;
  #tokens: number;
  #updatedMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#tokens = ratePerSecond;
    this.#updatedMs = nowMs;
  }

  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - this.#updatedMs);
    this.#updatedMs = nowMs;
    this.#tokens = Math.min(
      this.#ratePerSecond,
      this.#tokens + (elapsedMs * this.#ratePerSecond) / 1000,
    );
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
