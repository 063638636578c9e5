import { describe, expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { PacketGroups } from './packet-groups.ts';

/** Compared groups as [send delta, arrival delta]. */
function compare(packets: readonly (readonly [number, number])[]): [number, number][] {
  const groups = new PacketGroups();
  const arrivals = new Arrivals();
  const out: [number, number][] = [];
  for (const [at, [sentMs, arrivalMs]] of packets.entries()) {
    arrivals.add(sentMs, arrivalMs, 1000);
    if (groups.add(arrivals, at, arrivalMs + 20)) {
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
    const arrivals = new Arrivals();
    const isComparable = [100, 5000, 5020, 5040, 5060].map((arrivalMs, i) => {
      arrivals.add(20 * i, arrivalMs, 1000);
      return groups.add(arrivals, i, 120 + 20 * i);
    });
    expect(isComparable).toEqual([false, false, false, false, true]);
    expect(groups.arrivalDeltaMs).toBe(20);
    expect(groups.knownMs).toBe(5060);
  });
});
