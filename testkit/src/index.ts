/** For every test: time and randomness under control, waiting with a deadline. */
export { ManualClock } from './manual-clock.ts';
export { SeededRandom } from './seeded-random.ts';
export { type WaitOptions, waitUntil } from './wait-until.ts';
