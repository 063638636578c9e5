/** A token bucket: a burst at once, then one per interval. */
import type { RateLimitOptions } from '../options.ts';

export class RateLimit {
  readonly #options: RateLimitOptions;
  #tokens: number;
  #updatedMs: number;

  constructor(options: RateLimitOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#updatedMs = nowMs;
  }

  /** Whether one more is allowed at `nowMs`; counts it if so. */
  tryTake(nowMs: number): boolean {
    const { burst, intervalMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#updatedMs) / intervalMs);
    this.#updatedMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whether the bucket is full again, so that forgetting it changes nothing. */
  isIdle(nowMs: number): boolean {
    const { burst, intervalMs } = this.#options;
    return this.#tokens + (nowMs - this.#updatedMs) / intervalMs >= burst;
  }
}
