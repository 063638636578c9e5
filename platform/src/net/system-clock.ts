/** The machine's clock and timers, for the composition root and shells. */
import { performance } from 'node:perf_hooks';
import type { Clock, Timers } from '@conclave/base';

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** Longest delay that setTimeout takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Timers that do not keep the process alive: only listening sockets do. */
export const systemTimers: Timers = {
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
