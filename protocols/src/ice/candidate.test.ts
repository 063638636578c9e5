import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateFoundation, candidatePriority, comparePairs } from './candidate.ts';

describe('candidate priority (RFC 8445 §5.1.2.1)', () => {
  test.each([
    ['host', 65_535, 2_130_706_431],
    ['prflx', 65_535, 1_862_270_975],
    ['srflx', 65_535, 1_694_498_815],
    ['relay', 65_535, 16_777_215],
    ['host', 0, 2_113_929_471],
    ['relay', 0, 255],
  ] as const)('%s with local preference %i is %i', (type, localPreference, expected) => {
    expect(candidatePriority(type, localPreference)).toBe(expected);
  });

  test('component 2 comes after component 1', () => {
    expect(candidatePriority('host', 1, 2)).toBe(candidatePriority('host', 1) - 1);
  });
});

test('pairs are ordered as by 2^32 min(G,D) + 2 max(G,D) (RFC 8445 §6.1.2.3)', () => {
  const priority = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const pairPriority = (g: number, d: number) =>
    2n ** 32n * BigInt(Math.min(g, d)) + 2n * BigInt(Math.max(g, d)) + (g > d ? 1n : 0n);
  fc.assert(
    fc.property(priority, priority, priority, (local, a, b) => {
      const first = pairPriority(local, a);
      const second = pairPriority(local, b);
      const expected = first === second ? 0 : first > second ? -1 : 1;
      expect(Math.sign(comparePairs(local, a, b))).toBe(expected);
    }),
  );
});

test('foundations differ by type, base, protocol and server (RFC 8445 §5.1.1.3)', () => {
  const all = [
    candidateFoundation('host', '192.0.2.1', 'udp'),
    candidateFoundation('srflx', '192.0.2.1', 'udp'),
    candidateFoundation('host', '192.0.2.2', 'udp'),
    candidateFoundation('host', '192.0.2.1', 'tcp'),
    candidateFoundation('host', '192.0.2.1', 'udp', '192.0.2.9'),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(candidateFoundation('host', '192.0.2.1', 'udp')).toBe(all[0]);
  for (const foundation of all) expect(foundation).toMatch(/^[0-9a-f]{1,8}$/);
});
