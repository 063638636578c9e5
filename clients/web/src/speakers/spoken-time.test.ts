import { expect, test } from 'vitest';
import { shareOf, spokenTime } from './spoken-time.ts';

test.each([
  [0, 0, 0],
  [999, 0, 0],
  [59_999, 0, 59],
  [60_000, 1, 0],
  [3_725_000, 62, 5],
])('%i ms are %i min %i s', (ms, minutes, seconds) => {
  expect(spokenTime(ms)).toEqual({ minutes, seconds });
});

test('the longest fills the bar, and nothing fills nothing', () => {
  expect([shareOf(0, 0), shareOf(500, 1_000), shareOf(1_000, 1_000)]).toEqual([0, 50, 100]);
});
