import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NackRequester } from './nack-requester.ts';

function due(requester: NackRequester, nowMs: number): number[] {
  const out = new Uint16Array(4096);
  return [...out.subarray(0, requester.takeDue(nowMs, out))];
}

describe('NackRequester (RFC 4585 §6.2.1)', () => {
  // Every interesting place to start: 0, the sign bit, and the wrap.
  test.each([0, 1, 32_767, 32_768, 65_534, 65_535])(
    'asks for the gap at once, starting from %i',
    (start) => {
      const requester = new NackRequester();
      requester.handlePacket(start, 0);
      expect(requester.nextTimeoutMs).toBeUndefined();
      requester.handlePacket((start + 3) & 0xffff, 5);
      expect(requester.nextTimeoutMs).toBe(5);
      expect(due(requester, 5)).toEqual([(start + 1) & 0xffff, (start + 2) & 0xffff]);
      expect(requester.nextTimeoutMs).toBe(155);
      expect(due(requester, 154)).toEqual([]);
      requester.handlePacket((start + 1) & 0xffff, 20); // late
      expect(due(requester, 155)).toEqual([(start + 2) & 0xffff]);
      requester.handlePacket((start + 2) & 0xffff, 160); // repaired
      expect(requester.nextTimeoutMs).toBeUndefined();
      expect(requester.missingCount).toBe(0);
    },
  );

  test('waits before it asks when it is told so', () => {
    const requester = new NackRequester({ delayMs: 50 });
    requester.handlePacket(1, 0);
    requester.handlePacket(4, 10);
    expect(requester.nextTimeoutMs).toBe(60);
    expect(due(requester, 59)).toEqual([]);
    requester.handlePacket(2, 59);
    expect(due(requester, 60)).toEqual([3]);
    expect(requester.nextTimeoutMs).toBe(210);
  });

  test('gives up after ten requests', () => {
    const requester = new NackRequester();
    requester.handlePacket(1, 0);
    requester.handlePacket(3, 0);
    for (let i = 0; i < 10; i++) expect(due(requester, i * 150)).toEqual([2]);
    expect(due(requester, 1500)).toEqual([]);
    expect(requester.nextTimeoutMs).toBeUndefined();
  });

  test.each([
    [99, 98],
    [100, 0],
    [101, 0],
    [32_767, 0],
  ])('a gap of %i asks for %i packets', (gap, count) => {
    const requester = new NackRequester();
    requester.handlePacket(500, 0);
    requester.handlePacket((500 + gap) & 0xffff, 0);
    expect(due(requester, 0)).toHaveLength(count);
  });

  test('after a jump ahead it goes on from there', () => {
    const requester = new NackRequester();
    requester.handlePacket(10, 0);
    requester.handlePacket(12, 0);
    requester.handlePacket(5000, 0);
    expect(requester.missingCount).toBe(0);
    requester.handlePacket(5002, 0);
    expect(due(requester, 0)).toEqual([5001]);
  });

  test('a sender that starts anew far behind is followed', () => {
    const requester = new NackRequester();
    requester.handlePacket(30_000, 0);
    requester.handlePacket(100, 0);
    requester.handlePacket(102, 0);
    expect(due(requester, 0)).toEqual([101]);
  });

  test('a packet of long ago changes nothing', () => {
    const requester = new NackRequester();
    requester.handlePacket(1000, 0);
    requester.handlePacket(1002, 0);
    requester.handlePacket(800, 0);
    requester.handlePacket(1002, 0);
    expect(due(requester, 0)).toEqual([1001]);
  });

  test('what does not fit stays due', () => {
    const requester = new NackRequester();
    requester.handlePacket(0, 0);
    requester.handlePacket(5, 0);
    const out = new Uint16Array(3);
    expect(requester.takeDue(0, out)).toBe(3);
    expect([...out]).toEqual([1, 2, 3]);
    expect(requester.nextTimeoutMs).toBe(0);
    expect(requester.takeDue(0, out)).toBe(1);
    expect(out[0]).toBe(4);
  });

  test('reset forgets', () => {
    const requester = new NackRequester();
    requester.handlePacket(0, 0);
    requester.handlePacket(5, 0);
    requester.reset();
    expect(requester.nextTimeoutMs).toBeUndefined();
    requester.handlePacket(60, 0);
    expect(due(requester, 0)).toEqual([]);
  });

  test('asks for exactly what a simple model asks for', () => {
    fc.assert(
      fc.property(
        fc.nat(65_535),
        fc.array(fc.integer({ min: -120, max: 120 }), { maxLength: 200 }),
        (start, steps) => {
          const requester = new NackRequester();
          requester.handlePacket(start, 0);
          let highest = start;
          let missing = new Set<number>();
          for (const step of steps) {
            const number = highest + step; // unwrapped
            requester.handlePacket(number & 0xffff, 0);
            if (step >= 100) missing = new Set();
            else if (step > 0) for (let i = highest + 1; i < number; i++) missing.add(i);
            else missing.delete(number);
            highest = Math.max(highest, number);
            for (const old of missing) if (highest - old >= 100) missing.delete(old);
            expect(requester.missingCount).toBe(missing.size);
          }
          const expected = [...missing].sort((a, b) => a - b).map((number) => number & 0xffff);
          expect(due(requester, 0)).toEqual(expected);
        },
      ),
    );
  });

  test('remembers fewer than maxGap packets, whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.array(fc.nat(65_535), { maxLength: 300 }),
        (maxGap, arrivals) => {
          const requester = new NackRequester({ maxGap });
          for (const seq of arrivals) {
            requester.handlePacket(seq, 0);
            expect(requester.missingCount).toBeLessThan(maxGap);
          }
          expect(due(requester, 0)).toHaveLength(requester.missingCount);
        },
      ),
    );
  });
});
