/**
 * Whether queues on the path grow: the slope of the smoothed one-way delay over the last 20 groups,
 * compared with an adaptive threshold (draft-ietf-rmcat-gcc-02 §5.4, §5.5; the trendline filter in place
 * of the draft's Kalman filter is libwebrtc's, as of M138).
 */
import type { GroupComparison } from './packet-groups.ts';

const WINDOW = 20;
const SMOOTHING = 0.9;
const GAIN = 4;
/** Groups after which the slope is trusted fully. */
const MAX_WEIGHT = 60;
const INITIAL_THRESHOLD_MS = 12.5;
const MIN_THRESHOLD_MS = 6;
const MAX_THRESHOLD_MS = 600;
/** Peaks this far above the threshold do not teach it. */
const MAX_ADAPT_OFFSET_MS = 15;
const THRESHOLD_GAIN_UP = 0.0087;
const THRESHOLD_GAIN_DOWN = 0.039;
const MAX_ADAPT_STEP_MS = 100;
const OVERUSE_TIME_MS = 10;

export type BandwidthUsage = 'normal' | 'overusing' | 'underusing';

export class Trendline {
  usage: BandwidthUsage = 'normal';
  readonly #arrivalMs = new Float64Array(WINDOW);
  readonly #delayMs = new Float64Array(WINDOW);
  #count = 0;
  #firstArrivalMs = 0;
  #accumulatedMs = 0;
  #smoothedMs = 0;
  #trend = 0;
  #previousTrend = 0;
  /** What the threshold is about: the trend, weighted. */
  #modifiedMs = 0;
  #thresholdMs = INITIAL_THRESHOLD_MS;
  #lastAdaptMs = -1;
  #overusingMs = -1;
  #overuseCount = 0;

  update(groups: GroupComparison): void {
    if (this.#count === 0) this.#firstArrivalMs = groups.knownMs;
    const at = this.#count % WINDOW;
    this.#count++;
    this.#accumulatedMs += groups.arrivalDeltaMs - groups.sendDeltaMs;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    this.#arrivalMs[at] = groups.knownMs - this.#firstArrivalMs;
    this.#delayMs[at] = this.#smoothedMs;
    this.#previousTrend = this.#trend;
    if (this.#count >= WINDOW) this.#findTrend();
    if (this.#count < 2) return;
    this.#modifiedMs = Math.min(this.#count, MAX_WEIGHT) * this.#trend * GAIN;
    this.#detect(groups);
    this.#adapt(groups);
  }

  /** After a pause: the delay starts anew, the threshold too. */
  reset(): void {
    this.usage = 'normal';
    this.#count = 0;
    this.#accumulatedMs = 0;
    this.#smoothedMs = 0;
    this.#trend = 0;
    this.#previousTrend = 0;
    this.#thresholdMs = INITIAL_THRESHOLD_MS;
    this.#lastAdaptMs = -1;
    this.#overusingMs = -1;
    this.#overuseCount = 0;
  }

  /** Least squares, ms of delay per ms of time; the order within the ring does not matter. */
  #findTrend(): void {
    let meanX = 0;
    let meanY = 0;
    for (let i = 0; i < WINDOW; i++) {
      meanX += this.#arrivalMs[i]!;
      meanY += this.#delayMs[i]!;
    }
    meanX /= WINDOW;
    meanY /= WINDOW;
    let numerator = 0;
    let denominator = 0;
    for (let i = 0; i < WINDOW; i++) {
      const x = this.#arrivalMs[i]! - meanX;
      numerator += x * (this.#delayMs[i]! - meanY);
      denominator += x * x;
    }
    if (denominator !== 0) this.#trend = numerator / denominator;
  }

  #detect({ sendDeltaMs }: GroupComparison): void {
    if (this.#modifiedMs > this.#thresholdMs) {
      this.#overusingMs = this.#overusingMs < 0 ? sendDeltaMs / 2 : this.#overusingMs + sendDeltaMs;
      this.#overuseCount++;
      if (
        this.#overusingMs > OVERUSE_TIME_MS &&
        this.#overuseCount > 1 &&
        this.#trend >= this.#previousTrend
      ) {
        this.#overusingMs = 0;
        this.#overuseCount = 0;
        this.usage = 'overusing';
      }
    } else {
      this.#overusingMs = -1;
      this.#overuseCount = 0;
      this.usage = this.#modifiedMs < -this.#thresholdMs ? 'underusing' : 'normal';
    }
  }

  #adapt({ knownMs: arrivalMs }: GroupComparison): void {
    const modifiedMs = Math.abs(this.#modifiedMs);
    if (this.#lastAdaptMs < 0) this.#lastAdaptMs = arrivalMs;
    if (modifiedMs <= this.#thresholdMs + MAX_ADAPT_OFFSET_MS) {
      const gain = modifiedMs < this.#thresholdMs ? THRESHOLD_GAIN_DOWN : THRESHOLD_GAIN_UP;
      const stepMs = Math.min(Math.max(0, arrivalMs - this.#lastAdaptMs), MAX_ADAPT_STEP_MS);
      const threshold = this.#thresholdMs + gain * (modifiedMs - this.#thresholdMs) * stepMs;
      this.#thresholdMs = Math.min(Math.max(threshold, MIN_THRESHOLD_MS), MAX_THRESHOLD_MS);
    }
    this.#lastAdaptMs = arrivalMs;
  }
}
