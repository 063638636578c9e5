/**
 * Bits per second over the last second, in buckets of 100 ms, and what that was at most lately: a sender that was
 * held up for a moment will send as much as before. No allocation after construction.
 */

const BUCKET_MS = 100;
const BUCKETS = 10;
/** Per bucket: half of it is forgotten in two seconds. */
const PEAK_DECAY = 0.5 ** (BUCKET_MS / 2000);

export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  #bucket = 0;
  #total = 0;
  #peak = 0;

  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    const at = this.#bucket % BUCKETS;
    this.#bytes[at] = this.#bytes[at]! + bytes;
    this.#total += bytes;
  }

  bitrateBps(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total * 8 * (1000 / (BUCKETS * BUCKET_MS));
  }

  /** At least `bitrateBps`. */
  recentPeakBps(nowMs: number): number {
    this.#advance(nowMs);
    return Math.max(this.#peak, this.#total) * 8 * (1000 / (BUCKETS * BUCKET_MS));
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    if (bucket <= this.#bucket) return;
    this.#peak = Math.max(this.#peak, this.#total) * PEAK_DECAY ** (bucket - this.#bucket);
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    for (let i = 1; i <= steps; i++) {
      const at = (bucket - steps + i) % BUCKETS;
      this.#total -= this.#bytes[at]!;
      this.#bytes[at] = 0;
    }
    this.#bucket = bucket;
  }
}
