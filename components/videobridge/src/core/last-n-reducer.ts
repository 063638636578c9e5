/**
 * Fewer videos for everybody while the bridge has more to do than it can bear: late and lost packets would spoil all of them. Steps and
 * bounds are those of Jitsi's bridge (`load-management.load-reducers.last-n`), which waits a minute before every step.
 */

/** As `LoadMeter` tells it; below the second for long enough the limit is relaxed. */
const OVERLOAD_STRESS = 1;
const RECOVERED_STRESS = 0.8;
/** The stress is smoothed over some seconds: only then one knows what a step has done. */
const REDUCE_INTERVAL_MS = 10_000;
const RECOVER_INTERVAL_MS = 60_000;
const REDUCE_FACTOR = 0.75;
const RECOVER_FACTOR = 1.25;
const MIN_LAST_N = 1;
/** Nobody looks at more; no limit then. */
const MAX_LAST_N = 40;

export class LastNReducer {
  /** Videos that anybody is sent at most; -1 without limit. */
  lastN = -1;
  #changedMs = Number.NEGATIVE_INFINITY;

  /** `mostForwarded`: videos that anybody is sent now. Returns whether the limit changed; call it as often as you like. */
  handleStress(stress: number, mostForwarded: () => number, nowMs: number): boolean {
    const sinceMs = nowMs - this.#changedMs;
    if (stress >= OVERLOAD_STRESS) {
      return sinceMs >= REDUCE_INTERVAL_MS && this.#reduce(mostForwarded(), nowMs);
    }
    if (this.lastN < 0 || stress >= RECOVERED_STRESS || sinceMs < RECOVER_INTERVAL_MS) return false;
    const next = Math.max(this.lastN + 1, Math.floor(this.lastN * RECOVER_FACTOR));
    this.#set(next >= MAX_LAST_N ? -1 : next, nowMs);
    return true;
  }

  #reduce(most: number, nowMs: number): boolean {
    const next = Math.max(MIN_LAST_N, Math.floor(most * REDUCE_FACTOR));
    if (most <= MIN_LAST_N || next === this.lastN) return false;
    this.#set(next, nowMs);
    return true;
  }

  #set(lastN: number, nowMs: number): void {
    this.lastN = lastN;
    this.#changedMs = nowMs;
  }
}
