/** The networks that congestion control is measured on: fixed, steps, like LTE, shared, lossy. */
import { SeededRandom } from '../seeded-random.ts';
import type { LinkTrace } from './link-trace.ts';

const SECOND = 1000;
const KBIT = 1000;

/** Rates from a list of [from second, kbit/s]. */
function steps(...list: readonly (readonly [number, number])[]): (atMs: number) => number {
  return (atMs) => {
    let kbps = list[0]![1];
    for (const [fromS, value] of list) if (atMs >= fromS * SECOND) kbps = value;
    return kbps * KBIT;
  };
}

/** A radio cell: a random walk between 0.4 and 6 Mbit/s in steps of 200 ms, with fades. */
function radio(seed: number, durationMs: number): (atMs: number) => number {
  const random = new SeededRandom(seed);
  const rates: number[] = [];
  let kbps = 2500;
  for (let atMs = 0; atMs <= durationMs; atMs += 200) {
    kbps = Math.min(6000, Math.max(600, kbps * (0.86 + 0.29 * random.fraction())));
    const isFading = random.fraction() < 0.01;
    rates.push((isFading ? 400 : Math.round(kbps)) * KBIT);
  }
  return (atMs) => rates[Math.floor(atMs / 200)]!;
}

const MINUTE = 60 * SECOND;
const LAYERS_KBPS = [150, 500, 2500];

export const LINK_TRACES: readonly LinkTrace[] = [
  { name: 'fixed 300 kbit/s', seed: 1, durationMs: MINUTE, capacityBps: () => 300 * KBIT },
  { name: 'fixed 1 Mbit/s', seed: 2, durationMs: MINUTE, capacityBps: () => 1000 * KBIT },
  { name: 'fixed 3 Mbit/s', seed: 3, durationMs: MINUTE, capacityBps: () => 3000 * KBIT },
  {
    name: 'fixed 3 Mbit/s, short queue 30 ms',
    seed: 4,
    durationMs: MINUTE,
    queueMs: 30,
    capacityBps: () => 3000 * KBIT,
  },
  {
    name: 'ample 50 Mbit/s',
    seed: 5,
    durationMs: 30 * SECOND,
    wantedBps: () => 8000 * KBIT,
    capacityBps: () => 50_000 * KBIT,
  },
  {
    name: 'steps 3 / 0.5 / 3 Mbit/s',
    seed: 6,
    durationMs: MINUTE,
    capacityBps: steps([0, 3000], [20, 500], [40, 3000]),
  },
  {
    name: 'steps 2 / 1 / 4 / 1.5 Mbit/s, 100 ms',
    seed: 7,
    durationMs: 80 * SECOND,
    delayMs: 100,
    capacityBps: steps([0, 2000], [20, 1000], [40, 4000], [60, 1500]),
  },
  {
    name: 'LTE-like',
    seed: 8,
    durationMs: 2 * MINUTE,
    delayMs: 40,
    capacityBps: radio(8, 2 * MINUTE),
  },
  {
    name: 'neighbour takes half, 20-40 s',
    seed: 9,
    durationMs: MINUTE,
    capacityBps: () => 3000 * KBIT,
    crossBps: steps([0, 0], [20, 1500], [40, 0]),
  },
  {
    name: 'greedy neighbour, 20-40 s',
    seed: 10,
    durationMs: 80 * SECOND,
    queueMs: 150,
    capacityBps: () => 3000 * KBIT,
    greedyMs: [20 * SECOND, 40 * SECOND],
  },
  { name: '2 % loss', seed: 11, durationMs: MINUTE, loss: 0.02, capacityBps: () => 4500 * KBIT },
  { name: '5 % loss', seed: 12, durationMs: MINUTE, loss: 0.05, capacityBps: () => 4500 * KBIT },
  { name: '10 % loss', seed: 13, durationMs: MINUTE, loss: 0.1, capacityBps: () => 4500 * KBIT },
  {
    name: '100 ms delay, 30 ms jitter',
    seed: 14,
    durationMs: MINUTE,
    delayMs: 100,
    jitterMs: 30,
    capacityBps: () => 4500 * KBIT,
  },
  {
    name: 'layers 150/500/2500, steps 6 / 0.7 / 6 Mbit/s',
    seed: 15,
    durationMs: MINUTE,
    wantedBps: () => 2500 * KBIT,
    capacityBps: steps([0, 6000], [20, 700], [40, 6000]),
    offeredBps: steps([0, LAYERS_KBPS[2]!], [22, LAYERS_KBPS[1]!], [45, LAYERS_KBPS[2]!]),
  },
];
