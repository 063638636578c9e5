import { describe, expect, test } from 'vitest';
import { ResendRing } from './resend-ring.ts';

describe('ResendRing', () => {
  test.each([1, 511, 512, 65_535, 65_536, 2 ** 31])('finds what was sent as %i', (outSeq) => {
    const ring = new ResendRing();
    ring.put(outSeq, 2, 12_345, -5, 6, 7, 8);
    const entry = ring.find(outSeq & 0xffff, outSeq + 100);
    expect(entry).toBeGreaterThanOrEqual(0);
    expect(ring.outSeq(entry)).toBe(outSeq);
    expect(ring.sourceSeq(entry)).toBe(12_345);
    expect(ring.streamIndex(entry)).toBe(2);
    expect(ring.timestamp(entry)).toBe(-5);
    expect([ring.patchA(entry), ring.patchB(entry), ring.transportSeq(entry)]).toEqual([6, 7, 8]);
    expect(ring.find((outSeq + 512) & 0xffff, outSeq + 100)).toBe(-1);
    expect(ring.find(outSeq & 0xffff, outSeq + 65_536)).toBe(-1);
  });

  test('an empty ring finds nothing, 0 included', () => {
    expect(new ResendRing().find(0, 0)).toBe(-1);
  });

  test('tells a repetition within the interval, also at time 0 and beyond 2^31 ms', () => {
    for (const startMs of [0, 1, 2 ** 31 - 5, 2 ** 32 + 7]) {
      const ring = new ResendRing();
      ring.put(9, 0, 0, 0, 0, 0, -1);
      const entry = ring.find(9, 9);
      expect(ring.wasResentWithin(entry, 50, startMs)).toBe(false);
      expect(ring.wasResentWithin(entry, 50, startMs + 49)).toBe(true);
      expect(ring.wasResentWithin(entry, 50, startMs + 60)).toBe(false);
    }
  });
});
