/** Waiting on a condition with a deadline; never a fixed sleep. */
import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** How long to try, in milliseconds; default 20,000. */
  readonly timeoutMs?: number;
  /** Pause between two tries, in milliseconds; default 50. */
  readonly intervalMs?: number;
}

/** Thrown in a probe it ends the wait at once: what was seen must never be seen, and no further try makes it right. */
export class FinalError extends Error {}

/**
 * Calls `probe` until it returns something other than `undefined` or `false`, and returns that.
 * Rejects after the deadline with `what` and the last answer or error, so that a failure explains itself; with a
 * `FinalError` at once, with any other the probe is tried again.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 20_000, intervalMs = 50 }: WaitOptions = {},
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      if (error instanceof FinalError) throw error;
      last = error;
    }
    if (performance.now() >= deadlineMs) {
      throw new Error(`waited ${timeoutMs} ms for: ${what}; last: ${String(last)}`, {
        cause: last,
      });
    }
    await delay(intervalMs);
  }
}
