import { describe, expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

describe('RateMeter', () => {
  test('measures the last second', () => {
    const meter = new RateMeter();
    for (let t = 0; t < 2000; t += 10) meter.add(125, t);
    expect(meter.bitrateBps(1999)).toBe(100_000);
    expect(meter.bitrateBps(2499)).toBe(50_000);
    expect(meter.bitrateBps(5000)).toBe(0);
    meter.add(1000, 60_000);
    expect(meter.bitrateBps(60_000)).toBe(8000);
  });

  test('remembers the peak of late, half of it for two seconds', () => {
    const meter = new RateMeter();
    for (let t = 0; t < 2000; t += 10) meter.add(125, t);
    expect(meter.recentPeakBps(1999)).toBe(100_000);
    for (let t = 2000; t < 4000; t += 10) meter.add(25, t);
    expect(meter.bitrateBps(3999)).toBe(20_000);
    expect(meter.recentPeakBps(3999)).toBeGreaterThan(49_000);
    expect(meter.recentPeakBps(3999)).toBeLessThan(55_000);
    expect(meter.recentPeakBps(60_000)).toBeLessThan(1);
  });
});
