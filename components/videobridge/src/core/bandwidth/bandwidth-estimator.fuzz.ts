/** Hostile receivers: whatever their feedback says, the estimate stays within its limits. */
import { SeededRandom, textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { BandwidthEstimator } from './bandwidth-estimator.ts';

const LOST = -0x8000_0000;
const FEEDBACKS = 100_000;
const PER_ESTIMATOR = 400;

function expectLimits(estimator: BandwidthEstimator, nowMs: number): void {
  const { estimateBps } = estimator;
  if (!(estimateBps >= 30_000 && estimateBps <= 20_000_000)) expect.fail(`${estimateBps} bit/s`);
  if (!(estimator.probeBytesDue(nowMs) < 20_000_000)) expect.fail('an endless probe');
}

test('the corpus', () => {
  const estimator = new BandwidthEstimator();
  estimator.wantedBps = 5e6;
  let nowMs = 1000;
  for (const line of textCorpus(import.meta.url)) {
    const { baseSeq, referenceTicks = 0, ticks } = JSON.parse(line);
    for (let seq = 0; seq < 10; seq++) estimator.packetSent(seq, 1000, nowMs++);
    estimator.handleTick(nowMs);
    const feedback = {
      baseSeq,
      count: ticks.length,
      referenceTicks,
      ticks: Int32Array.from(ticks, (tick: number | null) => tick ?? LOST),
    };
    nowMs += 20;
    estimator.handleFeedback(feedback, nowMs);
    expectLimits(estimator, nowMs);
  }
});

test(`${FEEDBACKS} nonsensical feedbacks`, () => {
  const random = new SeededRandom(7);
  const ticks = new Int32Array(1200);
  for (let round = 0; round < FEEDBACKS / PER_ESTIMATOR; round++) {
    const estimator = new BandwidthEstimator();
    estimator.wantedBps = 5e6;
    let nowMs = 1000;
    for (let i = 0; i < PER_ESTIMATOR; i++) {
      nowMs += random.integer(0, 40);
      estimator.packetSent(random.integer(0, 0x3ff), random.integer(0, 1500), nowMs);
      estimator.handleTick(nowMs);
      // Often all about the few packets there are, sometimes with times that make no sense at all.
      const count = random.integer(0, random.fraction() < 0.05 ? 1200 : 40);
      const span = random.fraction() < 0.5 ? 4000 : 0x7fff_ffff;
      for (let k = 0; k < count; k++) {
        ticks[k] = random.fraction() < 0.2 ? LOST : random.integer(-span, span);
      }
      const baseSeq = random.integer(0, 0x3ff);
      const referenceTicks =
        random.fraction() < 0.9 ? 0 : random.integer(-0x8000_0000, 0x7fff_ffff);
      estimator.handleFeedback({ baseSeq, count, referenceTicks, ticks }, nowMs);
      expectLimits(estimator, nowMs);
    }
  }
});
