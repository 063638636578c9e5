/**
 * Additive or multiplicative increase, multiplicative decrease, from what the detector says
 * (draft-ietf-rmcat-gcc-02 §5.5; constants and the memory of the link's capacity as in libwebrtc M138).
 */
import type { BandwidthUsage } from './trendline.ts';

const BACK_OFF = 0.85;
/** Below the acknowledged rate a little more, lest small rates stay where they are. */
const BACK_OFF_EXTRA_BPS = 5000;
const GROWTH_PER_SECOND = 1.08;
const MIN_GROWTH_BPS = 1000;
/** Never further ahead of what is known to arrive. */
const MAX_LEAD = 1.5;
const MAX_LEAD_BPS = 10_000;
const MIN_ADDITIVE_BPS_PER_SECOND = 4000;
const PACKET_BITS = 1200 * 8;
const FRAMES_PER_SECOND = 30;
/** Shortest and longest wait between two decreases: about a round trip. */
const MIN_REPEAT_MS = 10;
const MAX_REPEAT_MS = 200;

export class RateControl {
  bitrateBps: number;
  rttMs = 200;
  readonly #minBps: number;
  readonly #maxBps: number;
  readonly #capacity = new LinkCapacity();
  #state: 'hold' | 'increase' | 'decrease' = 'hold';
  #lastChangeMs = Number.NEGATIVE_INFINITY;

  constructor(startBps: number, minBps: number, maxBps: number) {
    this.bitrateBps = startBps;
    this.#minBps = minBps;
    this.#maxBps = maxBps;
  }

  /** `acknowledgedBps` is -1 while it is unknown. */
  update(usage: BandwidthUsage, acknowledgedBps: number, nowMs: number): void {
    if (usage === 'overusing') {
      if (acknowledgedBps >= 0) {
        if (this.#mayReduce(acknowledgedBps, nowMs)) this.#decrease(acknowledgedBps, nowMs);
      } else if (nowMs - this.#lastChangeMs >= MAX_REPEAT_MS) this.#set(this.bitrateBps / 2, nowMs);
      return;
    }
    if (usage === 'underusing') {
      this.#state = 'hold';
      return;
    }
    if (this.#state !== 'increase') {
      this.#state = 'increase';
      this.#lastChangeMs = nowMs;
    }
    if (acknowledgedBps >= 0) this.#increase(acknowledgedBps, nowMs);
  }

  /** A probe has shown what the path carries. */
  setProbed(bitrateBps: number, nowMs: number): void {
    this.#capacity.probed(bitrateBps);
    this.#set(bitrateBps, nowMs);
  }

  set(bitrateBps: number, nowMs: number): void {
    this.#set(bitrateBps, nowMs);
  }

  #mayReduce(acknowledgedBps: number, nowMs: number): boolean {
    const repeatMs = Math.min(Math.max(this.rttMs, MIN_REPEAT_MS), MAX_REPEAT_MS);
    return nowMs - this.#lastChangeMs >= repeatMs || acknowledgedBps < this.bitrateBps / 2;
  }

  #decrease(acknowledgedBps: number, nowMs: number): void {
    let bitrateBps = acknowledgedBps * BACK_OFF;
    if (bitrateBps > BACK_OFF_EXTRA_BPS) bitrateBps -= BACK_OFF_EXTRA_BPS;
    if (bitrateBps > this.bitrateBps && this.#capacity.isKnown) {
      bitrateBps = BACK_OFF * this.#capacity.bitrateBps;
    }
    if (acknowledgedBps < this.#capacity.lowerBps) this.#capacity.forget();
    this.#capacity.overused(acknowledgedBps);
    this.#state = 'hold';
    this.#set(Math.min(bitrateBps, this.bitrateBps), nowMs);
  }

  #increase(acknowledgedBps: number, nowMs: number): void {
    if (acknowledgedBps > this.#capacity.upperBps) this.#capacity.forget();
    const limitBps = MAX_LEAD * acknowledgedBps + MAX_LEAD_BPS;
    if (this.bitrateBps < limitBps) {
      const elapsedS = Math.min(1, (nowMs - this.#lastChangeMs) / 1000);
      const growthBps = this.#capacity.isKnown
        ? this.#additiveBpsPerSecond() * elapsedS
        : Math.max(MIN_GROWTH_BPS, this.bitrateBps * (GROWTH_PER_SECOND ** elapsedS - 1));
      this.#set(Math.min(this.bitrateBps + growthBps, limitBps), nowMs);
    } else this.#lastChangeMs = nowMs;
  }

  /** About one packet per response time of the loop. */
  #additiveBpsPerSecond(): number {
    const frameBits = this.bitrateBps / FRAMES_PER_SECOND;
    const packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
    const responseS = ((this.rttMs + 100) * 2) / 1000;
    return Math.max(MIN_ADDITIVE_BPS_PER_SECOND, packetBits / responseS);
  }

  #set(bitrateBps: number, nowMs: number): void {
    this.bitrateBps = Math.min(Math.max(bitrateBps, this.#minBps), this.#maxBps);
    this.#lastChangeMs = nowMs;
  }
}

/** Where overuse was met lately: near it growth is slow. In kbit/s, as libwebrtc's constants are. */
class LinkCapacity {
  #kbps = -1;
  #deviation = 0.4;

  get isKnown(): boolean {
    return this.#kbps >= 0;
  }

  get bitrateBps(): number {
    return this.#kbps * 1000;
  }

  get upperBps(): number {
    return this.isKnown ? (this.#kbps + this.#spreadKbps) * 1000 : Number.POSITIVE_INFINITY;
  }

  get lowerBps(): number {
    return this.isKnown ? Math.max(0, this.#kbps - this.#spreadKbps) * 1000 : 0;
  }

  get #spreadKbps(): number {
    return 3 * Math.sqrt(this.#deviation * this.#kbps);
  }

  overused(bitrateBps: number): void {
    this.#update(bitrateBps / 1000, 0.05);
  }

  probed(bitrateBps: number): void {
    this.#update(bitrateBps / 1000, 0.5);
  }

  forget(): void {
    this.#kbps = -1;
  }

  #update(sampleKbps: number, weight: number): void {
    this.#kbps = this.#kbps < 0 ? sampleKbps : (1 - weight) * this.#kbps + weight * sampleKbps;
    const error = this.#kbps - sampleKbps;
    const deviation =
      (1 - weight) * this.#deviation + (weight * error * error) / Math.max(this.#kbps, 1);
    this.#deviation = Math.min(Math.max(deviation, 0.4), 2.5);
  }
}
