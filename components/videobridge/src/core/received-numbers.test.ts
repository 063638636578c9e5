import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RECEIVED_WINDOW, ReceivedNumbers } from './received-numbers.ts';

describe('received numbers', () => {
  test('a number comes once, late or not, also from before the first', () => {
    const received = new ReceivedNumbers(1000);
    expect(received.add(1000)).toBe(false);
    expect([1003, 1001, 1001, 1002, 1003].map((n) => received.add(n))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect([998, 999, 998, 999].map((n) => received.add(n))).toEqual([true, true, false, false]);
    expect(received.highest).toBe(1003);
  });

  test('as a set of all numbers would tell, whatever is lost, late or repeated', () => {
    const step = fc.oneof(
      fc.constant(1),
      fc.integer({ min: 2, max: 3 * RECEIVED_WINDOW }),
      fc.integer({ min: 1 - RECEIVED_WINDOW, max: 0 }),
      fc.integer({ min: -5, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
        const received = new ReceivedNumbers(70_000);
        const all = new Set([70_000]);
        for (const by of steps) {
          const number = received.highest + by;
          expect(received.add(number)).toBe(!all.has(number));
          all.add(number);
        }
      }),
      { numRuns: 20 },
    );
  });
});
