import { describe, expect, test } from 'vitest';
import { PacketGroups } from './packet-groups.ts';

/** Compared groups as [send delta, arrival delta]. */
function compare(packets: readonly (readonly [number, number])[]): [number, number][] {
  const groups = new PacketGroups();
  const out: [number, number][] = [];
  for (const [sentMs, arrivalMs] of packets) {
    if (groups.add(sentMs, arrivalMs, arrivalMs + 20)) {
      out.push([groups.sendDeltaMs, groups.arrivalDeltaMs]);
    }
  }
  return out;
}

describe('PacketGroups', () => {
  test('compares the last packets of two groups once a third begins', () => {
    const packets = [
      [0, 100],
      [5, 106],
      [33, 134],
      [36, 150],
      [66, 190],
    ] as const;
    expect(compare(packets)).toEqual([[31, 44]]);
  });

  test('packets held up and released at once are one group', () => {
    const packets = [
      [0, 100],
      [20, 200],
      [40, 201],
      [60, 202],
      [80, 260],
    ] as const;
    expect(compare(packets)).toEqual([[60, 102]]);
  });

  test('a packet sent before its group is left out', () => {
    const packets = [
      [0, 100],
      [20, 130],
      [10, 131],
      [60, 160],
    ] as const;
    expect(compare(packets)).toEqual([[20, 30]]);
  });

  test('a clock that was set begins anew', () => {
    const groups = new PacketGroups();
    expect(groups.add(0, 100, 120)).toBe(false);
    expect(groups.add(20, 5000, 140)).toBe(false);
    expect(groups.add(40, 5020, 160)).toBe(false);
    expect(groups.add(60, 5040, 180)).toBe(false);
    expect(groups.add(80, 5060, 200)).toBe(true);
    expect(groups.arrivalDeltaMs).toBe(20);
  });
});
