import { expect, test } from 'vitest';
import { TRANSIT_BOUNDS_MS, TransitHistogram } from './transit-histogram.ts';

test('counts packets in the first bucket whose bound is not exceeded', () => {
  const histogram = new TransitHistogram();
  histogram.add(0, 1);
  histogram.add(0.1, 2);
  histogram.add(0.1001, 4);
  histogram.add(500, 8);
  histogram.add(500.1, 16);
  histogram.add(1e9, 32);
  const { counts, sumMs, boundsMs } = histogram.read();
  expect(boundsMs).toBe(TRANSIT_BOUNDS_MS);
  expect(counts).toEqual([3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 48]);
  expect(sumMs).toBeCloseTo(0.2 + 0.4004 + 4000 + 500.1 * 16 + 32e9);
});

test('bounds ascend', () => {
  expect([...TRANSIT_BOUNDS_MS].sort((a, b) => a - b)).toEqual([...TRANSIT_BOUNDS_MS]);
});
