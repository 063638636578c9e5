import { describe, expect, test } from 'vitest';
import { ReceiverBandwidth } from './receiver-bandwidth.ts';

/** A trusted receiver whose estimate the test sets; one update each 100 ms. */
class Receiver {
  readonly bandwidth = new ReceiverBandwidth(true);
  nowMs = 10_000;

  constructor() {
    this.bandwidth.estimator.hasFeedback = true;
  }

  /** Milliseconds until the allocation may spend `estimateBps`, or -1 when it does not within 20 s. */
  takes(estimateBps: number): number {
    this.bandwidth.estimator.estimateBps = estimateBps;
    for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 100) {
      this.nowMs += 100;
      this.bandwidth.update(this.nowMs);
      if (this.bandwidth.availableBps(-1) === estimateBps) return waitedMs;
    }
    return -1;
  }

  rest(ms: number): void {
    for (let i = 0; i < ms; i += 100) {
      this.nowMs += 100;
      this.bandwidth.update(this.nowMs);
    }
  }
}

describe('ReceiverBandwidth', () => {
  test('is no limit before feedback, and never without RTX', () => {
    const untrusted = new ReceiverBandwidth(false);
    untrusted.estimator.hasFeedback = true;
    for (const bandwidth of [untrusted, new ReceiverBandwidth(true)]) {
      expect(bandwidth.update(10_000)).toBe(false);
      expect(bandwidth.availableBps(-1)).toBe(Number.POSITIVE_INFINITY);
      expect(bandwidth.isStatsDue(10_000)).toBe(false);
    }
  });

  test.each([
    [-1, 2_500_000],
    [0, 0],
    [500_000, 500_000],
    [1e12, 20_000_000],
  ])('assumed bandwidth %i', (assumedBps, expected) => {
    const receiver = new Receiver();
    receiver.takes(2_500_000);
    expect(receiver.bandwidth.availableBps(assumedBps)).toBe(expected);
  });

  test('follows a fall at once and small changes after five seconds', () => {
    const receiver = new Receiver();
    expect(receiver.takes(2e6)).toBe(0);
    expect(receiver.takes(1.6e6)).toBe(0);
    expect(receiver.takes(1.5e6)).toBe(4900);
  });

  test('rises two seconds after a fall, and later each time that it did not last', () => {
    const receiver = new Receiver();
    receiver.takes(2e6);
    receiver.takes(1e6);
    expect(receiver.takes(2e6)).toBe(1900);
    receiver.takes(1e6);
    expect(receiver.takes(2e6)).toBe(3900);
    receiver.rest(10_000);
    receiver.takes(1e6);
    expect(receiver.takes(2e6)).toBe(1900);
  });
});
