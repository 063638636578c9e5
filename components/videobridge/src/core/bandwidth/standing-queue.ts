/**
 * How long packets wait in a queue on the path that does not get empty: the least delay of the last moments, beyond
 * the least delay of the last while. Jitter goes up and down and has no part in it; where the path itself got longer, it is
 * taken for a queue until the while is over.
 */

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

  /** A packet arrived; the two clocks need not agree. */
  add(sentMs: number, arrivalMs: number): void {
    const delayMs = arrivalMs - sentMs;
    this.#moment.add(delayMs, sentMs);
    this.#while.add(delayMs, sentMs);
    this.#delayMs = this.#moment.least - this.#while.least;
    this.#lastDelayMs = delayMs - this.#while.least;
    this.#lastSentMs = Math.max(this.#lastSentMs, sentMs);
  }

  /** How long the newest packet waited, in ms: a queue may be new. */
  get lastDelayMs(): number {
    return this.#lastDelayMs;
  }

  /** In ms; 0 when nothing was sent lately that would show it. */
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
