/**
 * An upper bound of the rate from packet loss: grow by 8 % a second below 2 % loss, hold, back off by
 * half the loss above 10 % (draft-ietf-rmcat-gcc-02 §6, libwebrtc's first loss-based controller).
 *
 * DEVIATION: radio links lose packets at any rate, and that controller would follow such loss to the bottom.
 * Like libwebrtc's second controller, but simpler, we tell it apart: when we have come to send clearly
 * less than the path delivered while it lost, and it still loses as much, then the loss is the
 * path's own. It is not held against us from then on, and the rate before is tried again.
 */

const LOW_LOSS = 0.02;
const HIGH_LOSS = 0.1;
const GROWTH_PER_SECOND = 1.08;
const GROWTH_BPS = 1000;
const HEAVY_LOSS = 0.2;
/** What a path may lose by itself and still be of use; more is a full queue, or none. */
const MAX_INHERENT_LOSS = 0.25;
/** One look at the loss takes at least so many packets and so long. */
const MIN_PACKETS = 20;
const MIN_WINDOW_MS = 200;
/** … or so many that were lost, when a queue is full. */
const MIN_FLOOD_LOST = 10;
/** So few say nothing of how much is lost, but that nothing is. */
const MIN_FEW_PACKETS = 4;
/** A window that does not fill (few packets) is looked at after so long nevertheless. */
const MAX_WINDOW_MS = 1500;
const MIN_BACK_OFF_INTERVAL_MS = 300;
/** Sending this part of what was delivered cannot overload what delivered it. */
const CLEARLY_LESS = 0.85;

/** What else is known of the path. */
export interface PathState {
  /** What is sent at most now. */
  readonly rateBps: number;
  /** What is sent besides and loses as large a part. */
  readonly uncountedBps: number;
  /** A queue does not get empty: loss is not the path's own then. */
  readonly isQueueing: boolean;
  /** The newest packets waited in a queue: what was lost did not fit into it. */
  readonly isDelayed: boolean;
  readonly rttMs: number;
}

export class LossBound {
  /** Infinity while loss bounds nothing. */
  boundBps = Number.POSITIVE_INFINITY;
  /** Loss that is not due to us, 0..1. */
  inherentLoss = 0;
  /** Of the last window, 0..1. */
  loss = 0;
  readonly #minBps: number;
  #packets = 0;
  #lost = 0;
  #sentBytes = 0;
  #deliveredBytes = 0;
  #windowStartMs = -1;
  #lastBackOffMs = Number.NEGATIVE_INFINITY;
  #lastGrowthMs = 0;
  /** Of the present series of back-offs: what was delivered at its start, and the rate before. */
  #episodeDeliveredBps = 0;
  #episodeRateBps = 0;

  constructor(minBps: number) {
    this.#minBps = minBps;
  }

  /** What became of one packet. */
  add(sizeBytes: number, isLost: boolean): void {
    this.#packets++;
    this.#sentBytes += sizeBytes;
    if (isLost) this.#lost++;
    else this.#deliveredBytes += sizeBytes;
  }

  /** A packet that was reported lost has arrived after all. */
  correct(sizeBytes: number): void {
    if (this.#lost > 0) this.#lost--;
    this.#deliveredBytes += sizeBytes;
  }

  /** Whether it backed off within the last second. */
  isBackingOff(nowMs: number): boolean {
    return nowMs - this.#lastBackOffMs < 1000;
  }

  /** A probe has shown `bitrateBps`, while hardly anything was lost, or nothing any more. */
  setProbed(bitrateBps: number): void {
    const isOver = this.#packets >= MIN_FEW_PACKETS && this.#lost === 0;
    if (isOver || this.loss <= LOW_LOSS + this.inherentLoss)
      this.boundBps = Math.max(this.boundBps, bitrateBps);
  }

  /** After each feedback. */
  update(path: PathState, nowMs: number): void {
    if (this.#windowStartMs < 0) this.#windowStartMs = nowMs;
    const windowMs = nowMs - this.#windowStartMs;
    if (windowMs < MIN_WINDOW_MS) return;
    // Where most are lost, and the rest waited, fewer say as much; and each moment costs more of them.
    const isFlooded =
      path.isDelayed && this.#lost >= MIN_FLOOD_LOST && this.#lost > this.#packets / 2;
    const minPackets = isFlooded ? 0 : MIN_PACKETS;
    if (this.#packets < minPackets && windowMs < MAX_WINDOW_MS) return;
    const packets = this.#packets;
    const lost = this.#lost;
    const sentBps = (this.#sentBytes * 8000) / windowMs;
    const deliveredBps = (this.#deliveredBytes * 8000) / windowMs;
    // What was lost of the rest should have come out too.
    const shareBps = Math.max(0, deliveredBps - (path.uncountedBps * lost) / packets);
    this.#packets = 0;
    this.#lost = 0;
    this.#sentBytes = 0;
    this.#deliveredBytes = 0;
    this.#windowStartMs = nowMs;
    if (packets < minPackets) {
      // Too few to say how much is lost, but enough to see that nothing is.
      if (packets >= MIN_FEW_PACKETS && lost === 0) {
        this.loss = 0;
        this.#clean(nowMs);
      }
      return;
    }
    this.loss = lost / packets;
    // What the path loses by itself varies from window to window: it is believed to be less at once,
    // but only an eighth of the way.
    if (this.loss < this.inherentLoss) this.inherentLoss += (this.loss - this.inherentLoss) / 8;
    const excess = Math.max(0, this.loss - this.inherentLoss) / (1 - this.inherentLoss);
    if (path.isQueueing) this.#episodeRateBps = 0;
    if (excess > HIGH_LOSS) this.#lossy(excess, sentBps, shareBps, path, nowMs);
    else if (excess <= LOW_LOSS) this.#clean(nowMs);
    else this.#lastGrowthMs = nowMs;
  }

  #lossy(
    excess: number,
    sentBps: number,
    deliveredBps: number,
    { rateBps, rttMs, isDelayed }: PathState,
    nowMs: number,
  ): void {
    this.#lastGrowthMs = nowMs;
    if (this.#episodeRateBps === 0) {
      this.#episodeRateBps = rateBps;
      this.#episodeDeliveredBps = deliveredBps;
    } else if (sentBps < CLEARLY_LESS * this.#episodeDeliveredBps) {
      this.inherentLoss = Math.min(this.loss, MAX_INHERENT_LOSS);
      this.boundBps = this.#episodeRateBps;
      this.#episodeRateBps = 0;
      return;
    }
    if (nowMs - this.#lastBackOffMs < MIN_BACK_OFF_INTERVAL_MS + rttMs) return;
    this.#lastBackOffMs = nowMs;
    let bound = Math.min(this.boundBps, rateBps) * (1 - excess / 2);
    // A full queue: its delay does not grow any more, but what comes out is what the path carries. After an outage there is none.
    if (excess > HEAVY_LOSS && isDelayed) bound = Math.min(bound, CLEARLY_LESS * deliveredBps);
    this.boundBps = Math.max(bound, this.#minBps);
  }

  #clean(nowMs: number): void {
    this.#episodeRateBps = 0;
    if (this.boundBps === Number.POSITIVE_INFINITY) return;
    const elapsedS = Math.min(MAX_WINDOW_MS, nowMs - this.#lastGrowthMs) / 1000;
    this.#lastGrowthMs = nowMs;
    this.boundBps = this.boundBps * GROWTH_PER_SECOND ** elapsedS + GROWTH_BPS * elapsedS;
  }
}
