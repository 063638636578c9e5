import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  test('gives its burst at once, then its rate', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([1, 2, 3, 4].map(() => bucket.tryTake(1, 0))).toEqual([true, true, true, false]);
    expect(bucket.tryTake(1, 99)).toBe(false);
    expect(bucket.tryTake(1, 100)).toBe(true);
  });

  test('a refusal takes nothing', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect(bucket.tryTake(4, 0)).toBe(false);
    expect(bucket.tryTake(3, 0)).toBe(true);
  });

  test('says how long to wait, also beyond the burst', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect(bucket.waitMs(5, 0)).toBe(0);
    bucket.take(5, 0);
    expect(bucket.waitMs(1, 0)).toBe(300);
    expect(bucket.waitMs(1, 300)).toBe(0);
  });

  test('is full again in time, and never more than full', () => {
    const bucket = new TokenBucket(10, 3, 0);
    bucket.take(1, 0);
    expect(bucket.isFull(99)).toBe(false);
    expect(bucket.isFull(100)).toBe(true);
    expect(bucket.tryTake(4, 1e9)).toBe(false);
  });

  test('time that goes back gains nothing', () => {
    const bucket = new TokenBucket(1000, 1, 1000);
    expect(bucket.tryTake(1, 1000)).toBe(true);
    expect(bucket.tryTake(1, 0)).toBe(false);
  });

  test('never gives more than burst plus rate times time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (steps) => {
        const bucket = new TokenBucket(100, 5, 0);
        let nowMs = 0;
        let given = 0;
        for (const step of steps) {
          nowMs += step;
          if (bucket.tryTake(1, nowMs)) given++;
        }
        expect(given).toBeLessThanOrEqual(5 + nowMs / 10);
      }),
    );
  });
});
