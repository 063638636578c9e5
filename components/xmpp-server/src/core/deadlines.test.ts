import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

const direct = (action: () => void) => action();

describe('Deadlines', () => {
  test('runs what is due, in order, once', () => {
    const deadlines = new Deadlines();
    const seen: string[] = [];
    deadlines.at(20, () => seen.push('b'));
    deadlines.at(10, () => seen.push('a'));
    deadlines.at(30, () => seen.push('c'));
    expect(deadlines.nextMs).toBe(10);
    deadlines.runDue(9, direct);
    expect(seen).toEqual([]);
    deadlines.runDue(20, direct);
    deadlines.runDue(20, direct);
    expect(seen).toEqual(['a', 'b']);
    expect(deadlines.nextMs).toBe(30);
  });

  test('a cancelled one never runs, even when another cancels it in the same turn', () => {
    const deadlines = new Deadlines();
    const seen: string[] = [];
    const second = deadlines.at(11, () => seen.push('second'));
    deadlines.at(10, () => {
      seen.push('first');
      second.cancel();
    });
    deadlines.at(12, () => seen.push('third')).cancel();
    deadlines.runDue(50, direct);
    expect(seen).toEqual(['first']);
    expect(deadlines.nextMs).toBeUndefined();
  });

  test('what an action adds waits for the next turn: no endless loop', () => {
    const deadlines = new Deadlines();
    let runs = 0;
    const again = () => {
      runs++;
      deadlines.at(0, again);
    };
    deadlines.at(0, again);
    deadlines.runDue(1, direct);
    expect(runs).toBe(1);
  });

  test('is a priority queue, whatever is added and cancelled', () => {
    const step = fc.record({ dueMs: fc.nat(1000), isCancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const deadlines = new Deadlines();
        const seen: number[] = [];
        for (const { dueMs, isCancelled } of steps) {
          const deadline = deadlines.at(dueMs, () => seen.push(dueMs));
          if (isCancelled) deadline.cancel();
        }
        const expected = steps.filter((s) => !s.isCancelled).map((s) => s.dueMs);
        expected.sort((a, b) => a - b);
        expect(deadlines.nextMs).toBe(expected[0]);
        deadlines.runDue(1000, direct);
        expect(seen).toEqual(expected);
      }),
    );
  });

  test('cancelled deadlines far away do not pile up', () => {
    const deadlines = new Deadlines();
    deadlines.at(1, () => {});
    for (let i = 0; i < 100_000; i++) deadlines.at(1_000_000, () => {}).cancel();
    expect(deadlines.size).toBeLessThan(4_096);
  });
});
