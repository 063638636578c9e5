import { expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

test('the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number) => [...new SeededRandom(seed).bytes(32)];
  expect(bytes(7)).toEqual(bytes(7));
  expect(bytes(7)).not.toEqual(bytes(8));
});

test('bytes use their whole range evenly enough', () => {
  const counts = new Array<number>(256).fill(0);
  for (const byte of new SeededRandom(1).bytes(256 * 100)) counts[byte] = (counts[byte] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(50);
  expect(Math.max(...counts)).toBeLessThan(160);
});

test('integers stay inside their bounds and reach both', () => {
  const random = new SeededRandom(3);
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(-1, 2)));
  expect([...seen].sort()).toEqual([-1, 0, 1, 2]);
});
