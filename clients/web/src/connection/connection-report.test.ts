import type { CallStats, StreamStats } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { reportBetween } from './connection-report.ts';

const stream = (ssrc: number, more: Partial<StreamStats> = {}): StreamStats => ({
  ssrc,
  kind: 'video',
  trackId: `t${ssrc}`,
  bytes: 0,
  packets: 0,
  packetsLost: 0,
  frameHeight: 0,
  framesPerSecond: 0,
  frames: 0,
  ...more,
});
const stats = (more: Partial<CallStats> = {}): CallStats => ({
  inbound: [],
  outbound: [],
  roundTripTimeMs: undefined,
  uploadLoss: 0,
  ...more,
});

describe('reportBetween', () => {
  test('counts what came and went in between, of all streams', () => {
    const report = reportBetween(
      stats({
        outbound: [stream(1, { bytes: 1_000 })],
        inbound: [stream(7, { bytes: 500 }), stream(8, { bytes: 900 })],
      }),
      stats({
        outbound: [stream(1, { bytes: 26_000 })],
        // 8 has ended, 9 is new.
        inbound: [stream(7, { bytes: 1_500 }), stream(9, { bytes: 250 })],
        roundTripTimeMs: 31.4,
        uploadLoss: 0.026,
      }),
      2_000,
    );
    expect(report).toMatchObject({
      sentBps: 100_000,
      receivedBps: 5_000,
      roundTripTimeMs: 31.4,
      lostPercent: 3,
    });
  });

  test('a counter that began again is not counted backwards', () => {
    const before = stats({ inbound: [stream(7, { bytes: 5_000 })] });
    const now = stats({ inbound: [stream(7, { bytes: 10 })] });
    expect(reportBetween(before, now, 1_000).receivedBps).toBe(0);
  });

  test('names the largest picture sent, and each that comes; none of what stands still', () => {
    const { sentPicture, receivedPictures } = reportBetween(
      stats(),
      stats({
        outbound: [
          stream(1, { frameHeight: 180, framesPerSecond: 30 }),
          stream(2, { frameHeight: 360, framesPerSecond: 29.6 }),
          stream(3, { frameHeight: 720, framesPerSecond: 0 }),
          stream(4, { kind: 'audio' }),
        ],
        inbound: [stream(7, { frameHeight: 180, framesPerSecond: 15 }), stream(8)],
      }),
      1_000,
    );
    expect(sentPicture).toEqual({ heightPx: 360, framesPerSecond: 30 });
    expect([...receivedPictures]).toEqual([['t7', { heightPx: 180, framesPerSecond: 15 }]]);
  });
});
