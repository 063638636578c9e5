import { describe, expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  test('allows a burst, then one per interval', () => {
    const limit = new RateLimit({ burst: 2, intervalMs: 1_000 }, 0);
    const taken = [0, 0, 0, 999, 1_000, 1_001, 2_000].map((nowMs) => limit.tryTake(nowMs));
    expect(taken).toEqual([true, true, false, false, true, false, true]);
  });

  test('saves up to a burst and no more', () => {
    const limit = new RateLimit({ burst: 2, intervalMs: 1_000 }, 0);
    limit.tryTake(0);
    const later = [1_000_000, 1_000_000, 1_000_000].map((nowMs) => limit.tryTake(nowMs));
    expect(later).toEqual([true, true, false]);
  });

  test('a burst of 0 allows nothing', () => {
    expect(new RateLimit({ burst: 0, intervalMs: 1 }, 0).tryTake(1_000)).toBe(false);
  });

  test('is idle when it is full again', () => {
    const limit = new RateLimit({ burst: 1, intervalMs: 1_000 }, 0);
    expect(limit.isIdle(0)).toBe(true);
    limit.tryTake(0);
    expect([limit.isIdle(999), limit.isIdle(1_000)]).toEqual([false, true]);
  });
});
