/**
 * When to send faster than the estimate for a moment, and how fast (after libwebrtc's probe controller).
 *
 * First at three times the start rate, then twice what was shown as long as that is clearly more than
 * before; again every five seconds while receivers want more than there is (less often when probes
 * turn out to mislead), and soon after a congestion is over. DEVIATION: libwebrtc sends its two first probes (3x, 6x) together; one after
 * the other spares slow links the second. Probes are spread over at least 15 ms by whoever calls
 * `bytesDue` often enough: there is no pacer.
 */

const FIRST_SCALE = 3;
const FURTHER_SCALE = 2;
/** A result of less than this part of the probe ends the series. */
const FURTHER_THRESHOLD = 0.7;
const INTERVAL_MS = 5000;
/** A rise that ends in congestion so soon was wrong: a short probe gets more than its share. */
const MISLED_MS = 1500;
/** Then the interval grows, up to this: a link that is good again must be found within ten seconds. */
const MAX_INTERVAL_MS = 7500;
/** While nothing of what is wanted fits, no other packet shows that it would. */
const STARVED_INTERVAL_MS = 1500;
/** A result above the estimate by this factor is a rise. */
const RISE = 1.1;
/** The first probe once a congestion is over. */
const RECOVERY_DELAY_MS = 1000;
const MIN_PACKETS = 5;
const MIN_DURATION_MS = 15;
/**
 * DEVIATION: at these rates so many bytes go ahead of those that are measured, for shapers let a packet or two through at any
 * speed, and a probe would hardly be more. Slower links would be full of it for
 * longer than the result is worth; of faster probes it is a small part.
 */
const SHAPER_BYTES = 2000;
const MIN_SHAPED_BPS = 600_000;
const MAX_SHAPED_BPS = 2_000_000;
/** A probe that could not be sent, or whose result does not come, is over then. */
const TIMEOUT_MS = 1000;
/** The first bytes go at once: as if the probe had begun a little earlier. */
const LEAD_MS = 2;
/** Estimates above `wantedBps` by this factor are enough. */
const ENOUGH = 1.25;
/** Probing never goes further beyond what is wanted. */
const MAX_BEYOND_WANTED = 2;

export class ProbeController {
  /** What would be sent if there were no limit, in bit/s; 0 ends all probing. */
  wantedBps = 0;
  /** The cluster that packets sent now belong to, 0 for none; 1..65535. */
  cluster = 0;
  /** Packets and bytes that make the present cluster complete. */
  readonly minPackets = MIN_PACKETS;
  minBytes = 0;
  /** So many of them only make way for the others. */
  skipBytes = 0;
  /** Probes begun, ever. */
  started = 0;
  /** What the present or last probe tries to show, in bit/s. */
  lastTargetBps = 0;
  /** Nothing of what is wanted is sent. */
  isStarved = false;
  readonly #maxBps: number;
  #abortedMs = Number.NEGATIVE_INFINITY;
  #beganMs = 0;
  #sentBytes = 0;
  #sentPackets = 0;
  #lastCluster = 0;
  #isFirst = true;
  /** Rate whose result is awaited, 0 for none. */
  #awaitedBps = 0;
  #nextMs = 0;
  #intervalMs = INTERVAL_MS;
  #roseMs = Number.NEGATIVE_INFINITY;

  constructor(maxBps: number) {
    this.#maxBps = maxBps;
  }

  /** Call with every feedback and tick. True: a new cluster began. */
  handleTick(estimateBps: number, isCongested: boolean, nowMs: number): boolean {
    if (this.#roseMs !== Number.NEGATIVE_INFINITY && nowMs - this.#roseMs >= MISLED_MS) {
      this.#roseMs = Number.NEGATIVE_INFINITY;
      this.#intervalMs = INTERVAL_MS;
    }
    if (nowMs - this.#beganMs > TIMEOUT_MS) {
      this.cluster = 0;
      this.#awaitedBps = 0;
    }
    const isWaiting = this.cluster !== 0 || this.#awaitedBps !== 0 || !this.#isDue(nowMs);
    if (isWaiting || isCongested) return false;
    const scale = this.#isFirst ? FIRST_SCALE : FURTHER_SCALE;
    return this.#begin(estimateBps * scale, estimateBps, nowMs);
  }

  #isDue(nowMs: number): boolean {
    if (nowMs >= this.#nextMs) return true;
    const lastMs = Math.max(this.#beganMs, this.#abortedMs);
    return this.isStarved && nowMs - lastMs >= STARVED_INTERVAL_MS;
  }

  /** A probe has shown `resultBps` where `beforeBps` was believed. True: a further cluster began. */
  handleResult(resultBps: number, beforeBps: number, nowMs: number): boolean {
    if (resultBps > RISE * beforeBps) this.#roseMs = nowMs;
    const probedBps = this.#awaitedBps;
    // Until all of it is sent, the rest belongs to the same result.
    if (probedBps === 0 || this.cluster !== 0) return false;
    this.#awaitedBps = 0;
    if (resultBps < FURTHER_THRESHOLD * probedBps) return false;
    return this.#begin(resultBps * FURTHER_SCALE, resultBps, nowMs);
  }

  /** Queues on the path have emptied again. */
  handleRecovery(nowMs: number): void {
    if (this.#intervalMs === INTERVAL_MS)
      this.#nextMs = Math.min(this.#nextMs, nowMs + RECOVERY_DELAY_MS);
  }

  /** Congestion: no more of this. */
  abort(nowMs: number): void {
    this.cluster = 0;
    this.#abortedMs = nowMs;
    let waitMs = RECOVERY_DELAY_MS;
    if (nowMs - this.#roseMs < MISLED_MS) {
      this.#roseMs = Number.NEGATIVE_INFINITY;
      this.#intervalMs = Math.min(2 * this.#intervalMs, MAX_INTERVAL_MS);
      waitMs = this.#intervalMs;
    }
    this.#nextMs = Math.max(this.#nextMs, nowMs + waitMs);
  }

  packetSent(sizeBytes: number): void {
    if (this.cluster === 0) return;
    this.#sentBytes += sizeBytes;
    this.#sentPackets++;
    if (this.#sentBytes >= this.minBytes && this.#sentPackets >= MIN_PACKETS) this.cluster = 0;
  }

  /** Bytes that the present probe should have sent by now and has not. */
  bytesDue(nowMs: number): number {
    if (this.cluster === 0) return 0;
    const elapsedMs = nowMs - this.#beganMs + LEAD_MS;
    const due = (this.lastTargetBps / 8000) * elapsedMs - this.#sentBytes;
    return Math.max(0, due);
  }

  #begin(targetBps: number, estimateBps: number, nowMs: number): boolean {
    if (estimateBps >= ENOUGH * this.wantedBps) return false;
    const limitBps = Math.min(this.#maxBps, MAX_BEYOND_WANTED * this.wantedBps);
    const cappedBps = Math.min(targetBps, limitBps);
    if (cappedBps <= estimateBps) return false;
    this.#isFirst = false;
    this.#lastCluster = (this.#lastCluster % 65_535) + 1;
    this.cluster = this.#lastCluster;
    this.started++;
    this.lastTargetBps = cappedBps;
    this.#awaitedBps = cappedBps;
    this.#beganMs = nowMs;
    this.#nextMs = nowMs + this.#intervalMs;
    this.#sentBytes = 0;
    this.#sentPackets = 0;
    const isShaped = cappedBps >= MIN_SHAPED_BPS && cappedBps < MAX_SHAPED_BPS;
    this.skipBytes = isShaped ? SHAPER_BYTES : 0;
    this.minBytes = this.skipBytes + (cappedBps / 8000) * MIN_DURATION_MS;
    return true;
  }
}
