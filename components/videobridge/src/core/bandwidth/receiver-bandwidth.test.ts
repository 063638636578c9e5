import { describe, expect, test } from 'vitest';
import { ReceiverBandwidth } from './receiver-bandwidth.ts';

/** A trusted receiver whose estimate the test sets; one update each 100 ms. */
class Receiver {
  readonly bandwidth = new ReceiverBandwidth('transportCc');
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
    const untrusted = new ReceiverBandwidth('none');
    untrusted.estimator.hasFeedback = true;
    for (const bandwidth of [untrusted, new ReceiverBandwidth('transportCc')]) {
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

  test('what is over within half a second is not risen for', () => {
    const { bandwidth, ...receiver } = new Receiver();
    const { estimator } = bandwidth;
    let nowMs = receiver.nowMs;
    const take = (estimateBps: number, afterMs: number): boolean => {
      estimator.estimateBps = estimateBps;
      nowMs += afterMs;
      return bandwidth.update(nowMs);
    };
    expect(take(1e6, 200)).toBe(true);
    take(1e6, 4000);
    expect(take(2e6, 100)).toBe(false);
    expect(take(2e6, 300)).toBe(false);
    expect(take(1e6, 200)).toBe(false);
    expect(take(2e6, 100)).toBe(false);
    expect(take(2e6, 500)).toBe(true);
  });

  test('what is suspended comes back at once', () => {
    const receiver = new Receiver();
    receiver.takes(2e6);
    receiver.takes(1e5);
    const { bandwidth } = receiver;
    bandwidth.estimator.estimateBps = 5e5;
    bandwidth.isSuspended = true;
    expect(bandwidth.update(receiver.nowMs + 400)).toBe(false);
    bandwidth.isSuspended = false;
    expect(bandwidth.update(receiver.nowMs + 600)).toBe(false);
    bandwidth.isSuspended = true;
    expect(bandwidth.update(receiver.nowMs + 600)).toBe(true);
    expect(bandwidth.availableBps(-1)).toBe(5e5);
  });

  test('repeats take two fifths of the estimate, and no limit while it is unknown', () => {
    const repeatedBytes = (bandwidth: ReceiverBandwidth, fromMs: number, toMs: number): number => {
      let bytes = 0;
      for (let nowMs = fromMs; nowMs < toMs; nowMs++) {
        for (let i = 0; i < 10; i++) if (bandwidth.takeResend(1000, nowMs)) bytes += 1000;
      }
      return bytes;
    };
    const { bandwidth } = new Receiver();
    bandwidth.estimator.estimateBps = 1e6;
    repeatedBytes(bandwidth, 10_000, 11_000); // more for a moment
    const inTwoSeconds = repeatedBytes(bandwidth, 11_000, 13_000);
    expect(inTwoSeconds).toBeGreaterThanOrEqual(99_000);
    expect(inTwoSeconds).toBeLessThanOrEqual(101_000);
    expect(repeatedBytes(new ReceiverBandwidth('transportCc'), 0, 10)).toBe(100_000);
  });
});
