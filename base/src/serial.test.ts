import { describe, expect, test } from 'vitest';
import { extendSeq, seqDiff, timestampDiff } from './serial.ts';

describe('serial numbers (RFC 1982)', () => {
  test.each([0, 1, 32767, 32768, 65534, 65535])('next to %i is newer', (start) => {
    const next = (start + 1) & 0xffff;
    expect(seqDiff(next, start)).toBe(1);
    expect(seqDiff(start, next)).toBe(-1);
  });

  test('half the range away counts as older', () => {
    expect(seqDiff(32768, 0)).toBe(-32768);
    expect(seqDiff(32767, 0)).toBe(32767);
  });

  test('timestamps wrap at 2^32', () => {
    expect(timestampDiff(5, 0xffff_fffe)).toBe(7);
    expect(timestampDiff(0xffff_fffe, 5)).toBe(-7);
  });

  test.each([
    [0, 65535, 65536],
    [65535, 65536, 65535],
    [10, 131_080, 131_082],
    [65535, 0, -1],
  ])('extends %i near %i to %i', (seq, reference, expected) => {
    expect(extendSeq(seq, reference)).toBe(expected);
  });
});
