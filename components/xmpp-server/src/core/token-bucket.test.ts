import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  test('allows the burst, then the rate', () => {
    const bucket = new TokenBucket(10, 3, 0);
    for (let i = 0; i < 3; i++) {
      expect(bucket.waitMs(1, 0)).toBe(0);
      bucket.take(1, 0);
    }
    expect(bucket.waitMs(1, 0)).toBe(100);
    expect(bucket.waitMs(1, 60)).toBe(40);
    expect(bucket.waitMs(1, 100)).toBe(0);
  });

  test('never holds more than the burst', () => {
    const bucket = new TokenBucket(10, 3, 0);
    bucket.take(3, 1_000_000);
    expect(bucket.waitMs(1, 1_000_000)).toBe(100);
  });

  test('more than the burst passes when full, and is paid back', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect(bucket.waitMs(5, 0)).toBe(0);
    bucket.take(5, 0);
    expect(bucket.waitMs(1, 0)).toBe(300);
  });

  test('time that goes back changes nothing', () => {
    const bucket = new TokenBucket(10, 1, 1_000);
    bucket.take(1, 1_000);
    expect(bucket.waitMs(1, 0)).toBe(100);
  });
});
