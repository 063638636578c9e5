/** How much of an encoding, or of a spatial layer of one, its temporal layers take. */
import { RateMeter } from './rate-meter.ts';

/** VP8's temporal id has two bits; other codecs' encoders make no more layers. */
const LAYERS = 4;

export class TemporalRates {
  readonly #base = new RateMeter();
  /** Of the others; the base layer's is at hand without a detour. */
  readonly #meters: (RateMeter | undefined)[] = Array.from({ length: LAYERS }, () => undefined);

  /** `temporalId` 0..7; what is above 3 counts as 3. */
  add(temporalIdOnWire: number, bytes: number, nowMs: number): void {
    if (temporalIdOnWire === 0) {
      this.#base.add(bytes, nowMs);
      return;
    }
    const temporalId = Math.min(temporalIdOnWire, LAYERS - 1);
    this.#meters[temporalId] ??= new RateMeter();
    this.#meters[temporalId].add(bytes, nowMs);
  }

  /** Layers from the base to the highest that arrived within the last second; at least 1. */
  count(nowMs: number): number {
    for (let layer = LAYERS - 1; layer > 0; layer--) {
      if ((this.#meters[layer]?.bitrateBps(nowMs) ?? 0) > 0) return layer + 1;
    }
    return 1;
  }

  /** Of layers 0 to `temporalId` together. */
  bitrateBps(temporalId: number, nowMs: number): number {
    let sum = this.#base.bitrateBps(nowMs);
    for (let layer = 1; layer <= temporalId; layer++) {
      sum += this.#meters[layer]?.bitrateBps(nowMs) ?? 0;
    }
    return sum;
  }

  /** The same without what key frames add. */
  steadyBps(temporalId: number, nowMs: number): number {
    let sum = this.#base.steadyBps(nowMs);
    for (let layer = 1; layer <= temporalId; layer++) {
      sum += this.#meters[layer]?.steadyBps(nowMs) ?? 0;
    }
    return sum;
  }

  /** The same, at most, lately. */
  recentPeakBps(temporalId: number, nowMs: number): number {
    let sum = this.#base.recentPeakBps(nowMs);
    for (let layer = 1; layer <= temporalId; layer++) {
      sum += this.#meters[layer]?.recentPeakBps(nowMs) ?? 0;
    }
    return sum;
  }
}
