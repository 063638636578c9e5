import { expect, test } from 'vitest';
import { numberOfTone, numbersInSpectrum, toneHzOf } from './tone.ts';

test.each([0, 1, 2, 10, 20])('the tone of %i is told back, even a little off', (number) => {
  for (const offHz of [-40, 0, 40]) expect(numberOfTone(toneHzOf(number) + offHz)).toBe(number);
});

test.each([0, 50, 300, 475])('%i Hz is nobody', (hz) => {
  expect(numberOfTone(hz)).toBeUndefined();
});

test('finds the tones that stand out', () => {
  const binHz = 48000 / 8192;
  const levels = new Float32Array(4096).fill(-120);
  levels[Math.round(toneHzOf(3) / binHz)] = -20;
  levels[Math.round(toneHzOf(7) / binHz)] = -30;
  levels[Math.round(toneHzOf(9) / binHz)] = -50;
  expect(numbersInSpectrum(levels, binHz)).toEqual([3, 7]);
  expect(numbersInSpectrum(new Float32Array(4096).fill(-120), binHz)).toEqual([]);
  expect(numbersInSpectrum(new Float32Array(4096).fill(Number.NEGATIVE_INFINITY), binHz)).toEqual(
    [],
  );
});
