import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

function taken(bucket: TokenBucket, tries: number, nowMs: number): number {
  let count = 0;
  for (let i = 0; i < tries; i++) if (bucket.take(nowMs)) count++;
  return count;
}

describe('TokenBucket', () => {
  test('a burst of one second at first, then the rate', () => {
    const bucket = new TokenBucket(10, 0);
    expect(taken(bucket, 50, 0)).toBe(10);
    expect(taken(bucket, 50, 99)).toBe(0);
    expect(taken(bucket, 50, 250)).toBe(2);
    expect(taken(bucket, 50, 1250)).toBe(10);
  });

  test('does not save up for longer than a second', () => {
    const bucket = new TokenBucket(10, 0);
    expect(taken(bucket, 50, 1e9)).toBe(10);
  });

  test('time that stands still or goes back gives nothing', () => {
    const bucket = new TokenBucket(10, 1000);
    taken(bucket, 50, 1000);
    expect(taken(bucket, 50, 1000)).toBe(0);
    expect(taken(bucket, 50, 0)).toBe(0);
  });

  test('many small steps lose nothing', () => {
    const bucket = new TokenBucket(10, 0);
    taken(bucket, 50, 0);
    let count = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 0.25) if (bucket.take(nowMs)) count++;
    expect(count).toBeGreaterThanOrEqual(99);
    expect(count).toBeLessThanOrEqual(100);
  });
});
