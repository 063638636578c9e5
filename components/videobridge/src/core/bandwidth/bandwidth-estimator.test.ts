/** The estimator over links in memory, and what feedback from hostile receivers does to it. */
import { LINK_TRACES, type LinkTrace, runLinkTrace } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { BandwidthEstimator, type PacketFeedback } from './bandwidth-estimator.ts';

const LOST = -0x8000_0000;

function feedback(baseSeq: number, arrivalsMs: readonly (number | undefined)[]): PacketFeedback {
  const ticks = Int32Array.from(arrivalsMs, (ms) => (ms === undefined ? LOST : ms * 4));
  return { baseSeq, count: ticks.length, referenceTicks: 0, ticks };
}

describe('traces', () => {
  /** As printed by `npm run bench -- estimator`; a change of these numbers is a change of behaviour. */
  const recorded = new Map<string, string>([
    ['fixed 300 kbit/s', '92 1 20 98 332 64 271 2'],
    ['fixed 1 Mbit/s', '95 1 22 101 309 16 909 1'],
    ['fixed 3 Mbit/s', '97 4 26 141 266 1 2985 1'],
    ['fixed 3 Mbit/s, short queue 30 ms', '95 0 15 30 33 62 2941 1'],
    ['ample 50 Mbit/s', '100 0 0 4 5 1 11869 0'],
    ['steps 3 / 0.5 / 3 Mbit/s', '93 3 23 159 317 14 3026 1'],
    ['steps 2 / 1 / 4 / 1.5 Mbit/s, 100 ms', '96 25 20 235 309 16 1384 0'],
    ['LTE-like', '83 20 11 245 324 13 4822 1'],
    ['neighbour takes half, 20-40 s', '97 4 73 264 303 6 2542 1'],
    ['greedy neighbour, 20-40 s', '93 9 23 124 153 8 3035 1'],
    ['2 % loss', '98 88 13 28 47 20 6153 0'],
    ['5 % loss', '93 0 13 28 53 51 3645 0'],
    ['10 % loss', '82 0 11 27 53 102 2414 0'],
    ['100 ms delay, 30 ms jitter', '98 91 13 28 40 3 8037 0'],
    ['layers 150/500/2500, steps 6 / 0.7 / 6 Mbit/s', '100 1 1 24 312 9 5908 0'],
  ]);

  test.each(LINK_TRACES.map((trace) => [trace.name, trace] as const))('%s', (name, trace) => {
    const { name: _, ...numbers } = runLinkTrace(trace, new BandwidthEstimator());
    expect(Object.values(numbers).join(' ')).toBe(recorded.get(name));
  });

  test('every recorded trace is one that is run', () => {
    expect([...recorded.keys()]).toEqual(LINK_TRACES.map(({ name }) => name));
  });
});

describe('what a viewer would notice', () => {
  /** The estimate each 100 ms of a link that changes at 20 s. */
  function estimates(trace: Partial<LinkTrace>, beforeBps: number, afterBps: number): number[] {
    const estimator = new BandwidthEstimator();
    const out: number[] = [];
    runLinkTrace(
      {
        name: 'step',
        seed: 1,
        durationMs: 40_000,
        capacityBps: (atMs) => {
          if (atMs % 100 === 0) out[atMs / 100] = estimator.estimateBps;
          return atMs < 20_000 ? beforeBps : afterBps;
        },
        ...trace,
      },
      estimator,
    );
    return out;
  }

  test('follows a cut from 3 Mbit/s to 500 kbit/s within 1.5 s', () => {
    expect(estimates({}, 3e6, 5e5)[215]).toBeLessThan(5.5e5);
  });

  test('finds 3 Mbit/s again within 8 s of 500 kbit/s', () => {
    expect(estimates({}, 5e5, 3e6)[280]).toBeGreaterThan(2.4e6);
  });

  test('finds them again too when the application has only a small layer to send', () => {
    const found = estimates({ offeredBps: () => 150_000 }, 5e5, 4e6);
    expect(found[280]).toBeGreaterThan(2.4e6);
  });

  test('probes no further than what is wanted needs', () => {
    const found = estimates({ wantedBps: () => 1e6 }, 50e6, 50e6);
    expect(found.at(-1)).toBeGreaterThan(1.25e6);
    expect(Math.max(...found)).toBeLessThan(3e6);
  });

  test('loss at random does not lead to the bottom', () => {
    const found = estimates({ loss: 0.12, durationMs: 60_000 }, 4e6, 4e6);
    expect(found.at(-1)).toBeGreaterThan(1e6);
  });
});

describe('feedback', () => {
  test.each([0, 1, 65_534, 65_535, 32_768])('is understood from number %i on', (first) => {
    const estimator = new BandwidthEstimator();
    for (let i = 0; i < 4; i++) estimator.packetSent((first + i) & 0xffff, 1000, 100 + i * 10);
    estimator.handleFeedback(feedback(first, [130, undefined, 150, 160]), 200);
    expect(estimator.hasFeedback).toBe(true);
  });

  test('about packets that were never sent says nothing', () => {
    const estimator = new BandwidthEstimator();
    estimator.handleFeedback(feedback(5, [1, 2, 3]), 100);
    estimator.packetSent(100, 1000, 100);
    estimator.handleFeedback(feedback(5, [1, 2, 3]), 150);
    expect(estimator.hasFeedback).toBe(false);
  });

  test('that does not come any more halves the estimate every two seconds', () => {
    const estimator = new BandwidthEstimator();
    let seq = 0;
    const send = (fromMs: number, toMs: number, isAnswered: boolean): void => {
      for (let nowMs = fromMs; nowMs < toMs; nowMs += 20) {
        estimator.packetSent(seq, 1000, nowMs);
        if (isAnswered) estimator.handleFeedback(feedback(seq, [nowMs + 20]), nowMs + 40);
        estimator.handleTick(nowMs);
        seq++;
      }
    };
    send(10_000, 12_000, true);
    const before = estimator.estimateBps;
    send(12_000, 16_500, false);
    expect(estimator.estimateBps).toBeCloseTo(before / 4, 0);
    // A pause in sending is no reason.
    for (let nowMs = 16_500; nowMs < 60_000; nowMs += 20) estimator.handleTick(nowMs);
    expect(estimator.estimateBps).toBeGreaterThan(before / 17);
    expect(estimator.estimateBps).toBeGreaterThan(30_000);
  });
});
