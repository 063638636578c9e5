import { expect, test } from 'vitest';
import { loudnessOf } from './audio-level.ts';

test.each([
  [0, 0],
  [0.001, 0],
  [0.01, 1 / 3],
  [0.1, 2 / 3],
  [1, 1],
  // Beyond what can be played.
  [5, 1],
])('an amplitude of %d is %d of what can be heard', (amplitude, level) => {
  const samples = new Float32Array(64).fill(amplitude).map((value, i) => (i % 2 ? value : -value));
  expect(loudnessOf(samples)).toBeCloseTo(level, 5);
});

test('nothing measured is silence', () => {
  expect(loudnessOf(new Float32Array(0))).toBe(0);
});
