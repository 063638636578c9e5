import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SequenceMap } from './sequence-map.ts';

describe('SequenceMap', () => {
  test('closes up what is left out, keeps the number of what is missing', () => {
    const map = new SequenceMap();
    expect([10, 11].map((seq) => map.map(seq))).toEqual([10, 11]);
    map.drop(12);
    map.drop(13);
    expect([14, 16].map((seq) => map.map(seq))).toEqual([12, 14]);
    map.drop(17);
    expect(map.map(18)).toBe(15);
    expect([15, 11, 10].map((seq) => map.map(seq))).toEqual([13, 11, 10]);
  });

  test('knows what was left out, also many at once, until it forgets', () => {
    const map = new SequenceMap();
    map.drop(5);
    map.drop(10, 13);
    map.drop(14);
    const left = [5, 10, 11, 12, 13, 14].map((seq) => map.map(seq));
    expect(left).toEqual(Array(6).fill(Number.NaN));
    expect([4, 6, 9, 15].map((seq) => map.map(seq))).toEqual([4, 5, 8, 9]);
    map.reset();
    expect([5, 14].map((seq) => map.map(seq))).toEqual([5, 14]);
  });

  test('is too old to tell after 64 pieces', () => {
    const map = new SequenceMap();
    for (let i = 0; i < 63; i++) map.drop(i * 2);
    expect(map.map(-1)).toBe(-1);
    map.drop(126);
    expect(map.map(-1)).toBeNaN();
    expect(map.map(1)).toBe(0);
  });

  test('is increasing, and closed where nothing is missing, whatever is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('keep', 'drop', 'lose'), { maxLength: 60 }),
        fc.constantFrom(0, 65_530, 2 ** 31 - 5),
        (fates, start) => {
          const map = new SequenceMap();
          const mapped = new Map<number, number>();
          let lost = 0;
          let kept = 0;
          fates.forEach((fate, i) => {
            if (fate === 'drop') map.drop(start + i);
            else if (fate === 'lose') lost++;
            else {
              mapped.set(start + i, map.map(start + i));
              expect(mapped.get(start + i)).toBe(start + kept + lost);
              kept++;
            }
          });
          for (const [seq, number] of mapped) expect(map.map(seq)).toBe(number);
          // What was lost and comes late fits between, and collides with nothing.
          const all = fates.flatMap((fate, i) => (fate === 'drop' ? [] : [map.map(start + i)]));
          expect(all).toEqual(all.map((_, i) => start + i));
        },
      ),
    );
  });
});
