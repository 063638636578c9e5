/**
 * What the allocation of one receiver may spend: its estimate, taken over in steps, so that layers do
 * not change with every breath of it. Falling is followed at once, rising only when it lasts.
 */
import { BandwidthEstimator, DEFAULT_MAX_BPS } from './bandwidth-estimator.ts';
import { RembEstimate } from './remb-estimate.ts';
import type { UnreadSends } from './sent-log.ts';

/** A smaller change is no reason to choose layers anew. */
const CHANGE = 0.15;
/**
 * After a fall nothing rises for so long: a layer that comes and goes is worse than none. Each time that
 * a rise does not last, the wait doubles.
 */
const MIN_CALM_MS = 2000;
const MAX_CALM_MS = 8000;
/** What a short probe promised is mostly put right so soon if it was wrong; a larger picture would have cost a key frame by then. */
const HOLD_MS = 500;
/** Nothing at all is the worst that can be shown. */
const SUSPENDED_CALM_MS = 500;
/** A rise that lasted so long was right. */
const LASTING_MS = 6000;
/** Also without a change worth it, layers are chosen anew so often: their own bitrates change. */
const REFRESH_MS = 5000;
/** Feedback cannot make the bridge choose more often than that. */
const MIN_INTERVAL_MS = 100;
/** Repeated packets may take this part of the estimate, and so long of it at once. */
const RESEND_SHARE = 0.4;
const RESEND_BURST_MS = 300;
/** What may be repeated at once however little there is: without the rest of a key frame nothing is shown. */
const MIN_RESEND_BURST_BYTES = 8000;
/** While a queue on the path is to get empty, only this part of the estimate is spent. */
const DRAINING = 0.8;
/** Less than that much more than is wanted. */
const TIGHT = 1.5;
const STATS_INTERVAL_MS = 10_000;
/** How often the aim of probes follows what senders send. */
const AIM_INTERVAL_MS = 200;

/** How a receiver tells what its network carries. */
export type BandwidthFeedback = 'transportCc' | 'remb' | 'none';

export class ReceiverBandwidth {
  readonly estimator: BandwidthEstimator;
  /** Some video that is wanted is not sent at all, as the allocation says. */
  isSuspended = false;
  /** Of receivers that make up their own mind. */
  readonly remb: RembEstimate | undefined;
  readonly #feedback: BandwidthFeedback;
  #usedBps = Number.POSITIVE_INFINITY;
  #usedMs = 0;
  #fellMs = Number.NEGATIVE_INFINITY;
  /** The estimate was no reason to rise. */
  #lowerMs = Number.NEGATIVE_INFINITY;
  #roseMs = Number.NEGATIVE_INFINITY;
  #calmMs = MIN_CALM_MS;
  #wantedBps = 0;
  #nextStatsMs = 0;
  #nextAimMs = 0;
  #resendBytes = 0;
  #resendMs = Number.NEGATIVE_INFINITY;

  /**
   * `feedback`: what was negotiated; transport-cc takes RTX, for without it there is no way to probe, and the estimate would
   * never rise. `unread`: of the packets it is sent.
   */
  constructor(feedback: BandwidthFeedback, unread?: UnreadSends) {
    this.estimator = new BandwidthEstimator(unread === undefined ? {} : { unread });
    this.remb = feedback === 'remb' ? new RembEstimate() : undefined;
    this.#feedback = feedback;
  }

  /** Whether the receiver's feedback bounds what it is sent. */
  get isKnown(): boolean {
    return this.#feedback !== 'none' && (this.remb ?? this.estimator).hasFeedback;
  }

  /** Bit/s; a guess before `isKnown`. */
  get estimateBps(): number {
    return (this.remb ?? this.estimator).estimateBps;
  }

  /** Whether more than pictures is to be sent now, to learn how much fits. */
  get isPadding(): boolean {
    return this.remb === undefined ? this.estimator.isProbing : this.remb.isPadding;
  }

  /** Bytes of padding or repeated packets to send now. */
  paddingBytesDue(nowMs: number): number {
    const { remb, estimator } = this;
    return remb === undefined ? estimator.probeBytesDue(nowMs) : remb.paddingBytesDue(nowMs);
  }

  /** The estimator for transport-cc is told by the packets' numbers. */
  paddingSent(bytes: number): void {
    this.remb?.paddingSent(bytes);
  }

  /**
   * For the allocation, in bit/s: Infinity while nothing is known. `assumedBps` is what the client asked
   * us to believe instead, negative for nothing.
   */
  availableBps(assumedBps: number): number {
    return assumedBps >= 0 ? Math.min(assumedBps, DEFAULT_MAX_BPS) : this.#usedBps;
  }

  /** Takes over a changed estimate; true when layers should be chosen anew. */
  update(nowMs: number): boolean {
    if (!this.isKnown || nowMs - this.#usedMs < MIN_INTERVAL_MS) return false;
    const part = this.estimator.isQueueing(nowMs) ? DRAINING : 1;
    const estimateBps = this.estimateBps * part;
    const hasFallen = estimateBps < this.#usedBps * (1 - CHANGE);
    const calmMs = this.isSuspended ? SUSPENDED_CALM_MS : this.#calmMs;
    const isHigher = estimateBps > this.#usedBps * (1 + CHANGE);
    if (!isHigher) this.#lowerMs = nowMs;
    const holdMs = this.isSuspended ? 0 : HOLD_MS;
    const hasRisen = isHigher && nowMs - this.#lowerMs >= holdMs && nowMs - this.#fellMs >= calmMs;
    if (!hasFallen && !hasRisen && nowMs - this.#usedMs < REFRESH_MS) return false;
    if (hasFallen && this.#usedBps !== Number.POSITIVE_INFINITY) this.#fall(nowMs);
    if (hasRisen) this.#roseMs = nowMs;
    this.#usedBps = estimateBps;
    this.#usedMs = nowMs;
    return true;
  }

  #fall(nowMs: number): void {
    if (nowMs - this.#fellMs > MIN_CALM_MS) {
      const isSoon = nowMs - this.#roseMs < LASTING_MS;
      this.#calmMs = isSoon ? Math.min(2 * this.#calmMs, MAX_CALM_MS) : MIN_CALM_MS;
    }
    this.#fellMs = nowMs;
  }

  /**
   * Whether a lost packet may be sent once more, which then counts. When a link is suddenly too small nearly
   * everything is lost and asked for again: without a limit the repeats alone would keep it full.
   */
  takeResend(sizeBytes: number, nowMs: number): boolean {
    if (!this.isKnown) return true;
    const bytesPerMs = (this.estimateBps * RESEND_SHARE) / 8000;
    const maxBytes = Math.max(bytesPerMs * RESEND_BURST_MS, MIN_RESEND_BURST_BYTES);
    const elapsedMs = Math.min(nowMs - this.#resendMs, maxBytes / bytesPerMs);
    this.#resendMs = nowMs;
    this.#resendBytes = Math.min(this.#resendBytes + bytesPerMs * elapsedMs, maxBytes);
    if (this.#resendBytes <= 0) return false;
    this.#resendBytes -= sizeBytes;
    return true;
  }

  /** What the receiver would be sent now if there were no limit. */
  get wantedBps(): number {
    return this.#wantedBps;
  }

  set wantedBps(bitrateBps: number) {
    this.#wantedBps = bitrateBps;
    this.estimator.wantedBps = bitrateBps;
    if (this.remb !== undefined) this.remb.wantedBps = bitrateBps;
  }

  /** Whether the network is what limits the receiver, or nearly. */
  get isTight(): boolean {
    return this.isKnown && this.estimateBps < TIGHT * this.#wantedBps;
  }

  /** Whether it is time to set `wantedBps`. */
  isAimDue(nowMs: number): boolean {
    if (nowMs < this.#nextAimMs) return false;
    this.#nextAimMs = nowMs + AIM_INTERVAL_MS;
    return true;
  }

  /** Whether it is time to tell the client the estimate. */
  isStatsDue(nowMs: number): boolean {
    if (!this.isKnown || nowMs < this.#nextStatsMs) return false;
    this.#nextStatsMs = nowMs + STATS_INTERVAL_MS;
    return true;
  }
}
