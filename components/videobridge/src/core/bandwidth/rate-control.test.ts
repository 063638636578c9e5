import { describe, expect, test } from 'vitest';
import { LossBound, type PathState } from './loss-bound.ts';
import { RateControl } from './rate-control.ts';

describe('RateControl', () => {
  const start = () => new RateControl(1e6, 3e4, 2e7);

  test('backs off below what arrives, once a round trip', () => {
    const rate = start();
    rate.update('overusing', 9e5, 1000);
    expect(rate.bitrateBps).toBe(9e5 * 0.85 - 5000);
    rate.update('overusing', 8e5, 1100);
    expect(rate.bitrateBps).toBe(9e5 * 0.85 - 5000);
    rate.update('overusing', 7e5, 1200);
    expect(rate.bitrateBps).toBe(7e5 * 0.85 - 5000);
  });

  test('grows by 8 % a second, and slowly where it met overuse', () => {
    const rate = start();
    rate.update('normal', 1e6, 0);
    rate.update('normal', 1e6, 1000);
    // The first update adds the least step, 1000 bit/s.
    expect(rate.bitrateBps).toBeCloseTo(1.001e6 * 1.08, 0);
    rate.update('overusing', 1e6, 2000);
    const low = rate.bitrateBps;
    rate.update('normal', 1e6, 2050);
    rate.update('normal', 1e6, 3050);
    expect(rate.bitrateBps - low).toBeGreaterThan(4000);
    expect(rate.bitrateBps - low).toBeLessThan(20_000);
  });

  test('never runs further ahead than one and a half of what arrives', () => {
    const rate = start();
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) rate.update('normal', 1e6, nowMs);
    expect(rate.bitrateBps).toBe(1.51e6);
    // What was found before stays when the application sends less.
    rate.update('normal', 1e5, 60_100);
    expect(rate.bitrateBps).toBe(1.51e6);
  });

  test('halves while nothing is known of what arrives', () => {
    const rate = start();
    rate.update('overusing', -1, 1000);
    rate.update('overusing', -1, 1100);
    expect(rate.bitrateBps).toBe(5e5);
  });

  test('keeps its limits', () => {
    const rate = start();
    rate.setProbed(1e9, 0);
    expect(rate.bitrateBps).toBe(2e7);
    rate.update('overusing', 0, 1000);
    expect(rate.bitrateBps).toBe(3e4);
  });
});

describe('LossBound', () => {
  let nowMs = 1;

  const path = (rateBps: number, more: Partial<PathState> = {}): PathState => ({
    rateBps,
    uncountedBps: 0,
    isQueueing: false,
    isDelayed: true,
    rttMs: 50,
    ...more,
  });

  /** Windows of 100 packets of 1250 bytes a second, of which `lost` are lost. */
  function windows(bound: LossBound, rateBps: number, ...lost: readonly number[]): void {
    for (const count of lost) {
      nowMs += 1000;
      for (let i = 0; i < 100; i++) bound.add(1250, i < count);
      bound.update(path(rateBps), nowMs);
    }
  }

  test.each([
    [0, Number.POSITIVE_INFINITY],
    [2, Number.POSITIVE_INFINITY],
    [10, Number.POSITIVE_INFINITY],
    [12, 1e6 * 0.94],
    [100, 30_000],
  ])('%i %% loss', (lost, expected) => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    windows(bound, 1e6, lost);
    expect(bound.boundBps).toBe(expected);
  });

  test('grows again when nothing is lost', () => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    windows(bound, 1e6, 20, 0, 0);
    expect(bound.boundBps).toBeCloseTo(0.9e6 * 1.08 * 1.08 + 1000 * 2.08, -2);
  });

  test('of a queue that is full leaves room for what else goes through it', () => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    for (let i = 0; i < 100; i++) bound.add(1250, i < 60);
    nowMs += 1000;
    // 400 kbit/s came out, and 40 of the 100 kbit/s besides: there are 440 in all.
    bound.update(path(1e6, { uncountedBps: 100_000, isQueueing: true }), nowMs);
    expect(bound.boundBps).toBeCloseTo(0.85 * 340_000);
  });

  test('of most packets, while the rest are late, is believed of a few', () => {
    for (const [lost, isDelayed] of [
      [10, true],
      [10, false],
      [6, true],
    ] as const) {
      const bound = new LossBound(30_000);
      bound.update(path(1e6), nowMs);
      for (let i = 0; i < 17; i++) bound.add(1250, i < lost);
      nowMs += 250;
      bound.update(path(1e6, { isDelayed }), nowMs);
      // Seven of 1250 bytes in 250 ms.
      const expected = lost === 10 && isDelayed ? 0.85 * 280_000 : Number.POSITIVE_INFINITY;
      expect(bound.boundBps).toBe(expected);
    }
  });

  test('with a queue on the path is never its own', () => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    windows(bound, 1e6, 15, 15);
    for (let i = 0; i < 50; i++) bound.add(1250, i < 8);
    nowMs += 1000;
    bound.update(path(5e5, { isQueueing: true }), nowMs);
    expect(bound.inherentLoss).toBe(0);
  });

  test('a probe counts when nothing is lost any more, however few packets there are', () => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    windows(bound, 1e6, 60);
    bound.setProbed(8e5);
    expect(bound.boundBps).toBeLessThan(5e5);
    for (let i = 0; i < 5; i++) bound.add(255, false);
    bound.setProbed(8e5);
    expect(bound.boundBps).toBe(8e5);
  });

  test('loss that does not go away when less is sent is the path’s own', () => {
    const bound = new LossBound(30_000);
    bound.update(path(1e6), nowMs);
    windows(bound, 1e6, 15, 15);
    // Half as many packets as before in the same time, and as many of them lost.
    for (let i = 0; i < 50; i++) bound.add(1250, i < 8);
    nowMs += 1000;
    bound.update(path(5e5), nowMs);
    expect(bound.inherentLoss).toBeCloseTo(0.16);
    expect(bound.boundBps).toBe(1e6);
    windows(bound, 1e6, 20);
    expect(bound.boundBps).toBeGreaterThanOrEqual(1e6);
  });
});
