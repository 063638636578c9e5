import { describe, expect, test } from 'vitest';
import { ResendRing } from './resend-ring.ts';

/** What `find` says of a 16-bit number: under which source number, timestamp and ids it was sent. */
function found(ring: ResendRing, outSeq: number, newestOutSeq = outSeq) {
  if (!ring.find(outSeq & 0xffff, newestOutSeq)) return undefined;
  const { sourceSeq, streamIndex, timestampOffset, addA, addB } = ring;
  return [ring.outSeq, sourceSeq, streamIndex, timestampOffset, addA, addB];
}

describe('ResendRing', () => {
  test.each([1, 511, 512, 65_535, 65_536, 2 ** 31, 2 ** 47])('finds what was sent as %i', (seq) => {
    const ring = new ResendRing();
    ring.put(seq, 3, 2, 12_345, -5, 0x8001, 0xffff);
    for (const i of [0, 1, 2]) {
      const expected = [seq + i, 12_345 + i, 2, -5, 0x8001, 0xffff];
      expect(found(ring, seq + i, seq + 100)).toEqual(expected);
    }
    expect(found(ring, seq + 3, seq + 100)).toBeUndefined();
    expect(ring.find((seq - 1) & 0xffff, seq + 100)).toBe(false);
    expect(ring.find(seq & 0xffff, seq + 65_536)).toBe(false);
  });

  test('an empty ring finds nothing, 0 included', () => {
    expect(new ResendRing().find(0, 0)).toBe(false);
    expect(new ResendRing().find(65_535, 0)).toBe(false);
  });

  test('a stream that goes on alike is remembered however long it is', () => {
    const ring = new ResendRing();
    for (let seq = 100; seq < 100_000; seq += 9) ring.put(seq, 9, 0, seq + 7, 5, 1, 2);
    expect(found(ring, 99_000, 99_999)).toEqual([99_000, 99_007, 0, 5, 1, 2]);
    expect(found(ring, 70_000, 99_999)).toEqual([70_000, 70_007, 0, 5, 1, 2]);
  });

  test('what was left out, switched and repaired late is told apart', () => {
    const ring = new ResendRing();
    ring.put(10, 5, 0, 100, 0, 0, 0);
    ring.put(15, 5, 0, 110, 0, 0x7fff, 0); // five packets of the source were left out
    ring.put(20, 2, 1, 500, 900, 3, 4); // another encoding
    ring.put(12, 1, 0, 102, 0, 0, 0); // late
    ring.put(22, 1, 1, 502, 900, 3, 4);
    expect(found(ring, 14, 22)).toEqual([14, 104, 0, 0, 0, 0]);
    expect(found(ring, 12, 22)).toEqual([12, 102, 0, 0, 0, 0]);
    expect(found(ring, 15, 22)).toEqual([15, 110, 0, 0, 0x7fff, 0]);
    expect(found(ring, 21, 22)).toEqual([21, 501, 1, 900, 3, 4]);
    expect(found(ring, 22, 22)).toEqual([22, 502, 1, 900, 3, 4]);
    expect(found(ring, 23, 23)).toBeUndefined();
  });

  test('forgets what was not sent after all, and goes on from there', () => {
    const ring = new ResendRing();
    ring.put(10, 10, 0, 100, 0, 0, 0);
    ring.put(20, 10, 0, 115, 0, 0, 0);
    ring.forgetFrom(15);
    expect(found(ring, 14, 29)).toEqual([14, 104, 0, 0, 0, 0]);
    expect(found(ring, 15, 29)).toBeUndefined();
    expect(found(ring, 25, 29)).toBeUndefined();
    ring.put(16, 4, 0, 300, 7, 0, 0);
    expect(found(ring, 15, 19)).toBeUndefined();
    expect(found(ring, 17, 19)).toEqual([17, 301, 0, 7, 0, 0]);
  });

  test('forgets the oldest when nothing can be put together', () => {
    const ring = new ResendRing();
    for (let seq = 0; seq < 100; seq++) ring.put(seq, 1, 0, seq * 2, 0, 0, 0);
    expect(found(ring, 99, 99)).toEqual([99, 198, 0, 0, 0, 0]);
    expect(found(ring, 40, 99)).toEqual([40, 80, 0, 0, 0, 0]);
    expect(found(ring, 20, 99)).toBeUndefined();
  });

  test('tells a repetition within the interval, also at time 0 and beyond 2^31 ms', () => {
    for (const startMs of [0, 1, 2 ** 31 - 5, 2 ** 32 + 7]) {
      const ring = new ResendRing();
      expect(ring.wasResentWithin(9, 50, startMs)).toBe(false);
      expect(ring.wasResentWithin(9, 50, startMs + 49)).toBe(true);
      expect(ring.wasResentWithin(9 + 512, 50, startMs + 49)).toBe(false);
      expect(ring.wasResentWithin(10, 50, startMs + 49)).toBe(false);
      expect(ring.wasResentWithin(10, 50, startMs + 99)).toBe(false);
    }
  });
});
