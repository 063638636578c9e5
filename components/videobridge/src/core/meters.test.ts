import { describe, expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';
import { TokenBucket } from './token-bucket.ts';

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
});

describe('TokenBucket', () => {
  test('allows the burst, then the rate', () => {
    const bucket = new TokenBucket(10, 3, 1000);
    const take = (nowMs: number) => bucket.take(1, nowMs);
    expect([take(1000), take(1000), take(1000), take(1000)]).toEqual([true, true, true, false]);
    expect([take(1099), take(1100), take(1100)]).toEqual([false, true, false]);
    expect(bucket.take(4, 99_999)).toBe(false);
    expect(bucket.take(3, 99_999)).toBe(true);
  });

  test('a clock that stands or steps back gives nothing', () => {
    const bucket = new TokenBucket(1000, 1, 500);
    expect([bucket.take(1, 500), bucket.take(1, 400), bucket.take(1, 400)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
