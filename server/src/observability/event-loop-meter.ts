/** How late the main thread runs its timers: the time that something else kept it busy. */
import type { TimerHandle, Timers } from '@conclave/base';
import type { Buckets } from './prometheus-text.ts';

const INTERVAL_MS = 250;
/** Upper bounds in seconds. */
const BOUNDS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** `worstRecentMs` is of this window or the one before. */
const WINDOW_MS = 15_000;

export class EventLoopMeter {
  readonly #timers: Timers;
  readonly #nowMs: () => number;
  readonly #counts = [...BOUNDS_S, Number.POSITIVE_INFINITY].map(() => 0);
  #sumS = 0;
  #windowEndMs: number;
  #worstMs = 0;
  #worstBeforeMs = 0;
  #timer: TimerHandle;

  /** `nowMs` is monotonic. */
  constructor(timers: Timers, nowMs: () => number) {
    this.#timers = timers;
    this.#nowMs = nowMs;
    this.#windowEndMs = nowMs() + WINDOW_MS;
    this.#timer = this.#schedule();
  }

  /** In seconds, since the start. */
  get lag(): Buckets {
    return { bounds: BOUNDS_S, counts: [...this.#counts], sum: this.#sumS };
  }

  /** Of the last 15 to 30 s. */
  get worstRecentMs(): number {
    return Math.max(this.#worstMs, this.#worstBeforeMs);
  }

  close(): void {
    this.#timer.cancel();
  }

  #schedule(): TimerHandle {
    const dueMs = this.#nowMs() + INTERVAL_MS;
    return this.#timers.schedule(INTERVAL_MS, () => {
      this.#record(Math.max(0, this.#nowMs() - dueMs));
      this.#timer = this.#schedule();
    });
  }

  #record(lagMs: number): void {
    const bucket = BOUNDS_S.findIndex((bound) => lagMs / 1000 <= bound);
    this.#counts[bucket === -1 ? BOUNDS_S.length : bucket]! += 1;
    this.#sumS += lagMs / 1000;
    if (this.#nowMs() >= this.#windowEndMs) {
      this.#windowEndMs = this.#nowMs() + WINDOW_MS;
      this.#worstBeforeMs = this.#worstMs;
      this.#worstMs = 0;
    }
    this.#worstMs = Math.max(this.#worstMs, lagMs);
  }
}
