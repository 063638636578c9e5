/** Whether packets take longer and longer: groups of packets compared, and the trend of what that shows. */
import type { Arrivals } from './arrivals.ts';
import { PacketGroups } from './packet-groups.ts';
import { type BandwidthUsage, Trendline } from './trendline.ts';

/** The delay of packets before a pause of this length says nothing any more. */
const PAUSE_MS = 2000;

export class DelayTrend {
  readonly #groups = new PacketGroups();
  readonly #trendline = new Trendline();
  #lastArrivalMs = Number.NEGATIVE_INFINITY;

  get usage(): BandwidthUsage {
    return this.#trendline.usage;
  }

  /** `nowMs` is when we were told of the arrivals. */
  add(arrivals: Arrivals, nowMs: number): void {
    const { count, arrivalMs } = arrivals;
    for (let i = 0; i < count; i++) {
      if (arrivalMs[i]! - this.#lastArrivalMs > PAUSE_MS) {
        this.#groups.reset();
        this.#trendline.reset();
      }
      this.#lastArrivalMs = arrivalMs[i]!;
      if (this.#groups.add(arrivals, i, nowMs)) this.#trendline.update(this.#groups);
    }
  }
}
