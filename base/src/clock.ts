/** Time as a dependency: cores never read it themselves. */

/** A source of time. `nowMs` is monotonic; `wallMs` is Unix time. Both in milliseconds, fractional allowed. */
export interface Clock {
  nowMs(): number;
  wallMs(): number;
}

/** A cancelled timer never fires. */
export interface TimerHandle {
  cancel(): void;
}

/** One-shot timers for shells; tests use a manual one. `delayMs` of 0 fires on the next turn, never inline. */
export interface Timers {
  schedule(delayMs: number, callback: () => void): TimerHandle;
}
