/**
 * How fast packets arrive at the receiver: samples over 150 ms (500 ms at first), joined by weight of
 * their certainty, as libwebrtc's acknowledged bitrate estimator does.
 */
import type { Arrivals } from './arrivals.ts';

const FIRST_WINDOW_MS = 500;
const WINDOW_MS = 150;
/** How little a sample far from the estimate counts; less still when the application sends little. */
const UNCERTAINTY = 10;
const UNCERTAINTY_APPLICATION_LIMITED = 20;
const PREDICTION_VARIANCE = 5;
const FAST_CHANGE_VARIANCE = 200;

export class AcknowledgedRate {
  /** -1 before the first sample. */
  bitrateBps = -1;
  #variance = 50;
  #lastMs = Number.NaN;
  #windowMs = 0;
  #bytes = 0;

  add({ count, sizeBytes, arrivalMs }: Arrivals, isApplicationLimited: boolean): void {
    for (let i = 0; i < count; i++) {
      const sampleBps = this.#sample(sizeBytes[i]!, arrivalMs[i]!);
      if (sampleBps >= 0) this.#take(sampleBps, isApplicationLimited);
    }
  }

  #take(sampleBps: number, isApplicationLimited: boolean): void {
    if (this.bitrateBps < 0) {
      this.bitrateBps = sampleBps;
      return;
    }
    const scale =
      isApplicationLimited && sampleBps < this.bitrateBps
        ? UNCERTAINTY_APPLICATION_LIMITED
        : UNCERTAINTY;
    const sum = Math.max(1, this.bitrateBps + sampleBps);
    const uncertainty = (scale * Math.abs(this.bitrateBps - sampleBps)) / sum;
    const sampleVariance = uncertainty * uncertainty;
    const predicted = this.#variance + PREDICTION_VARIANCE;
    const total = sampleVariance + predicted;
    this.bitrateBps = (sampleVariance * this.bitrateBps + predicted * sampleBps) / total;
    this.#variance = (sampleVariance * predicted) / total;
  }

  /** The rate may now change much: the next samples count more. */
  expectFastChange(): void {
    this.#variance += FAST_CHANGE_VARIANCE;
  }

  #sample(sizeBytes: number, arrivalMs: number): number {
    const windowMs = this.bitrateBps < 0 ? FIRST_WINDOW_MS : WINDOW_MS;
    const elapsedMs = arrivalMs - this.#lastMs;
    if (Number.isNaN(elapsedMs) || elapsedMs < 0 || elapsedMs > windowMs) {
      // The first packet, a clock that was set, or a pause: begin a window.
      this.#windowMs = Number.isNaN(elapsedMs) || elapsedMs < 0 ? 0 : elapsedMs % windowMs;
      this.#bytes = 0;
    } else this.#windowMs += elapsedMs;
    this.#lastMs = arrivalMs;
    let sampleBps = -1;
    if (this.#windowMs >= windowMs) {
      sampleBps = (this.#bytes * 8 * 1000) / windowMs;
      this.#windowMs -= windowMs;
      this.#bytes = 0;
    }
    this.#bytes += sizeBytes;
    return sampleBps;
  }
}
