import { expect, test } from 'vitest';
import { LoadMeter } from './load-meter.ts';

test('half a core is a stress of 0.56, told once a second while it changes', () => {
  const meter = new LoadMeter(10, 0);
  expect(meter.read(999, () => 10.5)).toBeUndefined();
  const told: number[] = [];
  for (let second = 1; second <= 30; second++) {
    const stress = meter.read(second * 1000, () => 10 + second / 2);
    if (stress !== undefined) told.push(stress);
  }
  expect(told.at(-1)).toBeCloseTo(0.5 / 0.9, 1);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.length).toBeLessThan(12);
});

test('one busy second is no overload', () => {
  const meter = new LoadMeter(0, 0);
  expect(meter.read(1000, () => 1)).toBeLessThan(0.5);
});
