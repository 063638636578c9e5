/** When a join is tried again by itself, and when that is given up: at most one of each. */
import type { TimerHandle, Timers } from '@conclave/base';

export const RECOVERY_PAUSE_MS = 1_000;
/** Between two questions whether the host has come. */
export const HOST_PAUSE_MS = 5_000;
/** How long we try to get back in by ourselves. */
const RECOVERY_MS = 60_000;

export class NextTry {
  readonly #timers: Timers;
  #try: TimerHandle | undefined;
  #end: TimerHandle | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Instead of what was to be tried before. */
  schedule(delayMs: number, run: () => void): void {
    this.#try?.cancel();
    this.#try = this.#timers.schedule(delayMs, run);
  }

  /** A minute after the first call since `clear`. */
  giveUpLater(run: () => void): void {
    this.#end ??= this.#timers.schedule(RECOVERY_MS, run);
  }

  /** Idempotent. */
  clear(): void {
    this.#try?.cancel();
    this.#end?.cancel();
    this.#try = undefined;
    this.#end = undefined;
  }
}
