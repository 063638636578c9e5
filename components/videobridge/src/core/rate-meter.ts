/** Bits per second over the last second, in buckets of 100 ms. No allocation after construction. */

const BUCKET_MS = 100;
const BUCKETS = 10;

export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  #bucket = 0;
  #total = 0;

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

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    if (bucket <= this.#bucket) return;
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    for (let i = 1; i <= steps; i++) {
      const at = (bucket - steps + i) % BUCKETS;
      this.#total -= this.#bytes[at]!;
      this.#bytes[at] = 0;
    }
    this.#bucket = bucket;
  }
}
