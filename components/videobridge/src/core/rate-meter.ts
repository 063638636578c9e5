/**
 * Bits per second over the last second, in buckets of 100 ms; what that was at most lately, for a sender that was
 * held up for a moment will send as much as before; and what it is in the long run, for a key frame is over
 * soon. No allocation after construction; results are whole numbers, which need none either.
 */

const BUCKET_MS = 100;
const BUCKETS = 10;
const BPS_PER_BYTE = 8 * (1000 / (BUCKETS * BUCKET_MS));
/** Per bucket: half of it is forgotten in two seconds. */
const PEAK_DECAY = 0.5 ** (BUCKET_MS / 2000);
/** Per bucket: what the last second does not change in the long run. */
const STEADY_DECAY = 0.5 ** (BUCKET_MS / 3000);
/** Nothing is a long run before that. */
const STEADY_BUCKETS = 40;

export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  #bucket = 0;
  /** In the present bucket, and not in `#bytes` yet, so that a packet touches one object only. */
  #added = 0;
  #total = 0;
  #peak = 0;
  #steady = 0;
  #age = 0;

  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#added += bytes;
    this.#total += bytes;
  }

  bitrateBps(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total * BPS_PER_BYTE;
  }

  /** At least `bitrateBps`. */
  recentPeakBps(nowMs: number): number {
    this.#advance(nowMs);
    return Math.round(Math.max(this.#peak, this.#total) * BPS_PER_BYTE);
  }

  /** Without what a key frame adds for a second, or a moment without packets takes away. 0 after a second without any. */
  steadyBps(nowMs: number): number {
    this.#advance(nowMs);
    if (this.#age < STEADY_BUCKETS || this.#total === 0) return this.#total * BPS_PER_BYTE;
    return Math.round(Math.min(this.#steady, Math.max(this.#peak, this.#total)) * BPS_PER_BYTE);
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    if (bucket <= this.#bucket) return;
    const last = this.#bucket % BUCKETS;
    this.#bytes[last] = this.#bytes[last]! + this.#added;
    this.#added = 0;
    this.#peak = Math.max(this.#peak, this.#total) * PEAK_DECAY ** (bucket - this.#bucket);
    // The first second is no measure of the second before.
    const kept = this.#age < BUCKETS ? 0 : STEADY_DECAY ** (bucket - this.#bucket);
    this.#steady = kept * this.#steady + (1 - kept) * this.#total;
    if (this.#total > 0) this.#age += bucket - this.#bucket;
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    for (let i = 1; i <= steps; i++) {
      const at = (bucket - steps + i) % BUCKETS;
      this.#total -= this.#bytes[at]!;
      this.#bytes[at] = 0;
    }
    this.#bucket = bucket;
  }
}
