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

  test('in the long run a key frame is no reason to count more', () => {
    const meter = new RateMeter();
    for (let t = 0; t < 8000; t += 10) meter.add(125, t);
    meter.add(10_000, 8000);
    expect(meter.bitrateBps(8000)).toBe(170_000);
    expect(meter.steadyBps(8000)).toBeCloseTo(100_000, -3);
    for (let t = 8010; t < 9000; t += 10) meter.add(125, t);
    expect(meter.steadyBps(8999)).toBeLessThan(120_000);
    for (let t = 9000; t < 30_000; t += 10) meter.add(250, t);
    expect(meter.steadyBps(29_999)).toBeCloseTo(200_000, -4);
    expect(meter.steadyBps(31_000)).toBe(0);
  });

  test('what has just begun has no long run yet', () => {
    const meter = new RateMeter();
    for (let t = 0; t < 2000; t += 10) meter.add(125, t);
    expect(meter.steadyBps(1999)).toBe(meter.bitrateBps(1999));
  });
});
