import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReceiverReportState } from './receiver-report-state.ts';
import { createReportBlock, type ReportBlock } from './reports.ts';

function report(state: ReceiverReportState, nowMs: number): ReportBlock {
  const block = createReportBlock();
  state.fillReportBlock(block, nowMs);
  return block;
}

describe('ReceiverReportState (RFC 3550 A.3)', () => {
  test.each([0, 1, 32_767, 32_768, 65_534, 65_535])('no loss, starting at %i', (start) => {
    const state = new ReceiverReportState(7, 90_000);
    expect(state.hasNews).toBe(false);
    for (let i = 0; i < 10; i++) state.handlePacket((start + i) & 0xffff, i * 3000, i * 33);
    expect(state.hasNews).toBe(true);
    expect(report(state, 400)).toEqual({
      ssrc: 7,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSeq: start + 9,
      jitter: expect.any(Number),
      lastSr: 0,
      delaySinceLastSr: 0,
    });
    expect(state.hasNews).toBe(false);
  });

  test.each([0, 65_530])('a quarter lost, then nothing, starting at %i', (start) => {
    const state = new ReceiverReportState(7, 90_000);
    for (let i = 0; i < 100; i++) {
      if (i % 4 !== 1) state.handlePacket((start + i) & 0xffff, i, i);
    }
    expect(report(state, 0)).toMatchObject({ fractionLost: 64, cumulativeLost: 25 });
    for (let i = 100; i < 200; i++) state.handlePacket((start + i) & 0xffff, i, i);
    expect(report(state, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: 25 });
  });

  test('duplicates make the loss negative, the fraction 0', () => {
    const state = new ReceiverReportState(7, 90_000);
    for (const seq of [1, 2, 2, 2, 3]) state.handlePacket(seq, seq, 0);
    expect(report(state, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: -2 });
  });

  test('a late packet repairs the cumulative loss of an earlier report', () => {
    const state = new ReceiverReportState(7, 90_000);
    state.handlePacket(1, 0, 0);
    state.handlePacket(3, 0, 0);
    expect(report(state, 0)).toMatchObject({ cumulativeLost: 1 });
    state.handlePacket(2, 0, 0);
    expect(report(state, 0)).toMatchObject({ cumulativeLost: 0, highestSeq: 3 });
  });

  test('everything but the last lost is 255/256, never 256', () => {
    const state = new ReceiverReportState(7, 90_000);
    state.handlePacket(0, 0, 0);
    report(state, 0);
    state.handlePacket(2999, 0, 0);
    expect(report(state, 0)).toMatchObject({ fractionLost: 255, cumulativeLost: 2998 });
  });

  test('cycles are counted', () => {
    const state = new ReceiverReportState(7, 90_000);
    for (let i = 0; i < 65_536 * 2 + 5; i += 100) state.handlePacket(i & 0xffff, i, i);
    expect(report(state, 0).highestSeq).toBe(131_000);
  });

  test('one stray jump is ignored, two in a row are a restart (A.1)', () => {
    const state = new ReceiverReportState(7, 90_000);
    state.handlePacket(100, 0, 0);
    state.handlePacket(40_000, 0, 0);
    state.handlePacket(101, 0, 0);
    state.handlePacket(40_001, 0, 0); // not in a row
    expect(report(state, 0)).toMatchObject({ highestSeq: 101, cumulativeLost: 0 });
    state.handlePacket(40_000, 0, 0);
    state.handlePacket(40_001, 0, 0);
    state.handlePacket(40_003, 0, 0);
    expect(report(state, 0)).toMatchObject({ highestSeq: 40_003, cumulativeLost: 1 });
  });

  test('last SR and the delay since (§6.4.1)', () => {
    const state = new ReceiverReportState(7, 90_000);
    state.handlePacket(1, 0, 0);
    state.handleSenderReport(0x1234_5678, 0x9abc_def0, 1000);
    expect(report(state, 1500)).toMatchObject({ lastSr: 0x5678_9abc, delaySinceLastSr: 32_768 });
  });

  test('before any packet it says nothing wrong', () => {
    expect(report(new ReceiverReportState(7, 90_000), 0)).toEqual({
      ...createReportBlock(),
      ssrc: 7,
    });
  });

  test('matches the definition for any arrivals without jumps', () => {
    fc.assert(
      fc.property(
        fc.nat(65_535),
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 200 }),
        (start, steps) => {
          const state = new ReceiverReportState(7, 90_000);
          let highest = start;
          state.handlePacket(start, 0, 0);
          for (const step of steps) {
            state.handlePacket((highest + step) & 0xffff, 0, 0);
            highest = Math.max(highest, highest + step);
          }
          const block = report(state, 0);
          expect(block.highestSeq).toBe(highest);
          expect(block.cumulativeLost).toBe(highest - start + 1 - (steps.length + 1));
          expect(block.fractionLost).toBeLessThanOrEqual(255);
        },
      ),
    );
  });
});

describe('interarrival jitter (A.8)', () => {
  test('is 0 when packets come as they were sent', () => {
    const state = new ReceiverReportState(7, 48_000);
    for (let i = 0; i < 100; i++) state.handlePacket(i, i * 960, i * 20);
    expect(state.jitterMs).toBe(0);
  });

  test('tends to the mean deviation: 5 ms too early, 5 ms too late', () => {
    const state = new ReceiverReportState(7, 48_000);
    for (let i = 0; i < 1000; i++) state.handlePacket(i & 0xffff, i * 960, i * 20 + (i % 2) * 5);
    expect(state.jitterMs).toBeCloseTo(5, 5);
    expect([239, 240]).toContain(report(state, 0).jitter); // in units of 1/48000 s
  });

  test('the wrap of the RTP timestamp makes none', () => {
    const state = new ReceiverReportState(7, 90_000);
    for (let i = 0; i < 20; i++) {
      state.handlePacket(i, (0xffff_fff0 + i * 2970) >>> 0, i * 33);
    }
    expect(state.jitterMs).toBeLessThan(1e-6);
  });

  test('packets of one frame do not count', () => {
    const state = new ReceiverReportState(7, 90_000);
    for (let i = 0; i < 60; i++) {
      const frame = Math.floor(i / 3);
      state.handlePacket(i, frame * 2970, frame * 33 + (i % 3));
    }
    expect(state.jitterMs).toBe(0);
  });
});
