/** The figures of several workers as those of one bridge. A conference that is on two of them counts twice. */
import type { BridgeStats } from './bridge-stats.ts';
import type { TransitTimes } from './transit-histogram.ts';

/** Undefined of none. */
export function mergeStats(all: readonly BridgeStats[]): BridgeStats | undefined {
  return all.reduce<BridgeStats | undefined>(
    (sum, next) => (sum === undefined ? next : add(sum, next)),
    undefined,
  );
}

function add(a: BridgeStats, b: BridgeStats): BridgeStats {
  const out: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = out[name];
    if (typeof value === 'number' && typeof before === 'number') out[name] = before + value;
  }
  const endpoints = a.endpoints + b.endpoints;
  const rttSum = a.rtt_aggregate * a.endpoints + b.rtt_aggregate * b.endpoints;
  const transit = addTransit(a.transit_time, b.transit_time);
  return {
    ...(out as unknown as BridgeStats),
    largest_conference: Math.max(a.largest_conference, b.largest_conference),
    conference_sizes: addEach(a.conference_sizes, b.conference_sizes),
    rtt_aggregate: endpoints === 0 ? 0 : rttSum / endpoints,
    counters: addCounters(a.counters, b.counters),
    ...(transit && { transit_time: transit }),
  };
}

function addEach(a: readonly number[], b: readonly number[]): number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));
}

/** Of these, what goes on counting: the totals of workers that are no more belong to the sum. */
export function totalsOf(counters: BridgeStats['counters']): BridgeStats['counters'] {
  return Object.fromEntries(
    Object.entries(counters).filter(([name]) => !name.startsWith('slots_')),
  );
}

export function addCounters(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const out: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) out[name] = (out[name] ?? 0) + value;
  return out;
}

function addTransit(
  a: TransitTimes | undefined,
  b: TransitTimes | undefined,
): TransitTimes | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { ...a, counts: addEach(a.counts, b.counts), sumMs: a.sumMs + b.sumMs };
}
