import { ManualClock } from '@conclave/testkit';
import { expect, test, vi } from 'vitest';
import { settled } from '../testing/settled.ts';
import type { CallStats } from './call-stats.ts';
import { ConnectionQuality, qualityBetween } from './connection-quality.ts';

function stats(packets: number, packetsLost = 0, more: Partial<CallStats> = {}): CallStats {
  const stream = {
    ssrc: 1,
    kind: 'video',
    trackId: '',
    bytes: 0,
    frameHeight: 0,
    framesPerSecond: 0,
    frames: 0,
  };
  return {
    inbound: [{ ...stream, packets, packetsLost }],
    outbound: [],
    roundTripTimeMs: 20,
    uploadLoss: 0,
    ...more,
  };
}

test.each([
  ['nothing came', stats(0), undefined],
  ['all came', stats(100), 100],
  ['one in ten was lost on the way to us', stats(90, 10), 70],
  ['one in five of ours was lost', stats(100, 0, { uploadLoss: 0.2 }), 40],
  ['half a second there and back', stats(100, 0, { roundTripTimeMs: 500 }), 76],
  ['hardly anything came', stats(1, 99, { roundTripTimeMs: 3_000 }), 0],
  ['packets were found again', stats(100, -5), 100],
])('%s', (_, now, expected) => {
  expect(qualityBetween(stats(0), now)).toBe(expected);
});

test('is measured every five seconds, told to the others, and ends', async () => {
  const clock = new ManualClock();
  let packets = 0;
  const send = vi.fn();
  const collect = async () => {
    packets += 100;
    return stats(packets);
  };
  const quality = new ConnectionQuality({ timers: clock, ownId: 'a', collect, send });
  quality.start();
  for (let round = 0; round < 2; round++) {
    clock.advance(5_000);
    await settled();
  }
  expect(quality.all.get()).toEqual(new Map([['a', 100]]));
  expect(send).toHaveBeenCalledExactlyOnceWith({
    colibriClass: 'EndpointStats',
    connectionQuality: 100,
    packetLoss: { upload: 0 },
    jvbRTT: 20,
  });
  quality.stop();
  clock.advance(60_000);
  await settled();
  expect(send).toHaveBeenCalledOnce();
});

test('believes the others what makes sense', () => {
  const timers = new ManualClock();
  const collect = async () => stats(0);
  const quality = new ConnectionQuality({ timers, ownId: 'a', collect, send() {} });
  for (const value of [101, -1, '50', Number.NaN, undefined, 50]) {
    quality.handleStats('b', { colibriClass: 'EndpointStats', connectionQuality: value });
  }
  expect(quality.all.get()).toEqual(new Map([['b', 50]]));
  quality.handleLeft('b');
  expect(quality.all.get()).toEqual(new Map());
});
