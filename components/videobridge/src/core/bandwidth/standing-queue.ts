/**
 * How long packets wait in a queue on the path that does not get empty: the least delay of the last moments, beyond
 * the least delay of the last while. Jitter goes up and down and has no part in it; where the path itself got longer, it is
 * taken for a queue until the while is over.
 */
import type { Arrivals } from './arrivals.ts';

const MOMENT_MS = 300;
const WHILE_MS = 5000;
/** Time for a queue to get empty, and for a report of it. */
const SILENT_MS = 700;

export class StandingQueue {
  #delayMs = 0;
  #lastDelayMs = 0;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  readonly #moment = new RecentLeast(MOMENT_MS);
  readonly #while = new RecentLeast(WHILE_MS);

  /** The two clocks need not agree. */
  add({ count, sentMs, arrivalMs }: Arrivals): void {
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      const delayMs = arrivalMs[i]! - sentMs[i]!;
      this.#moment.add(delayMs, sentMs[i]!);
      this.#while.add(delayMs, sentMs[i]!);
      this.#lastSentMs = Math.max(this.#lastSentMs, sentMs[i]!);
    }
    this.#delayMs = this.#moment.least - this.#while.least;
    this.#lastDelayMs = arrivalMs[count - 1]! - sentMs[count - 1]! - this.#while.least;
  }

  /** How long the newest packet waited: a queue may be new. 0 when nothing was sent lately that would show it. */
  newestDelayMs(nowMs: number): number {
    return nowMs - this.#lastSentMs > SILENT_MS ? 0 : this.#lastDelayMs;
  }

  /** In ms; 0 likewise. */
  delayMs(nowMs: number): number {
    return nowMs - this.#lastSentMs > SILENT_MS ? 0 : this.#delayMs;
  }
}

/** The least value of the last one to two spans. */
class RecentLeast {
  readonly #spanMs: number;
  #beganMs = Number.NEGATIVE_INFINITY;
  #present = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  get least(): number {
    return Math.min(this.#present, this.#before);
  }

  add(value: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#beganMs;
    if (elapsedMs >= this.#spanMs) {
      this.#before = elapsedMs < 2 * this.#spanMs ? this.#present : Number.POSITIVE_INFINITY;
      this.#present = value;
      this.#beganMs = nowMs;
    } else this.#present = Math.min(this.#present, value);
  }
}
