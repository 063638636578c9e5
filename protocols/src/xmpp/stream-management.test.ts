import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHandledCount, StreamManagement } from './stream-management.ts';

const LAST = 0xffff_ffff;

describe('stream management (XEP-0198)', () => {
  test.each([
    ['0', 0],
    ['17', 17],
    ['4294967295', LAST],
    ['4294967296', undefined],
    ['99999999999', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    [' 1', undefined],
    ['1e3', undefined],
    [undefined, undefined],
  ])('reads h=%j as %s', (text, expected) => {
    expect(parseHandledCount(text)).toBe(expected);
  });

  test.each([0, 1, 0x7fff_ffff, 0x8000_0000, LAST - 1, LAST])(
    'counts and acknowledges across the wrap, from %i',
    (start) => {
      const management = new StreamManagement<string>(start, start);
      management.countInbound();
      expect(management.handledCount).toBe((start + 1) >>> 0);
      for (const stanza of ['a', 'b', 'c']) management.push(stanza);
      expect(management.acknowledge(start)).toBe('ok');
      expect(management.unackedCount).toBe(3);
      const acked: string[] = [];
      expect(management.acknowledge((start + 2) >>> 0, (stanza) => acked.push(stanza))).toBe('ok');
      expect(acked).toEqual(['a', 'b']);
      expect(management.unacked()).toEqual(['c']);
      expect(management.acknowledge((start + 1) >>> 0)).toBe('too-low');
      expect(management.acknowledge((start + 4) >>> 0)).toBe('too-high');
      expect(management.acknowledge((start + 3) >>> 0)).toBe('ok');
      expect(management.unackedCount).toBe(0);
    },
  );

  test('half the range back counts as too low, and nothing is lost by a wrong count', () => {
    const management = new StreamManagement<string>();
    management.push('a');
    expect(management.acknowledge(0x8000_0000)).toBe('too-low');
    expect(management.acknowledge(0x7fff_ffff)).toBe('too-high');
    expect(management.unacked()).toEqual(['a']);
  });

  test('the queue is always what was pushed and not acknowledged', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 200 }), (steps) => {
        const management = new StreamManagement<number>(0, LAST - 50);
        const model: number[] = [];
        let h = LAST - 50;
        for (const step of steps) {
          if (step % 3 !== 0) {
            management.push(step);
            model.push(step);
            continue;
          }
          const count = Math.min(model.length, step);
          h = (h + count) >>> 0;
          model.splice(0, count);
          expect(management.acknowledge(h)).toBe('ok');
        }
        expect(management.unacked()).toEqual(model);
        expect(management.unackedCount).toBe(model.length);
      }),
    );
  });
});
