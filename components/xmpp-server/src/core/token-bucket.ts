/** A rate with a burst. Pure: time comes in. */

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #updatedMs: number;

  /** Starts full. `perSecond` and `burst` are above 0. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#updatedMs = nowMs;
  }

  /**
   * How long until `amount` may be taken, in ms; 0 when it may be now. More than the burst is
   * allowed when the bucket is full, and leaves it in debt.
   */
  waitMs(amount: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = Math.min(amount, this.#burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perMs);
  }

  take(amount: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#tokens -= amount;
  }

  #refill(nowMs: number): void {
    if (nowMs <= this.#updatedMs) return;
    const gained = (nowMs - this.#updatedMs) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#updatedMs = nowMs;
  }
}
