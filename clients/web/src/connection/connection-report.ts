/** What comes and goes over the network at the moment, in the numbers that people are asked for when something is wrong. */
import type { CallStats, StreamStats } from '@conclave/sdk';

export interface PictureReport {
  readonly heightPx: number;
  readonly framesPerSecond: number;
}

export interface ConnectionReport {
  readonly sentBps: number;
  readonly receivedBps: number;
  /** Undefined until the browser knows. */
  readonly roundTripTimeMs: number | undefined;
  /** Of what we sent lately, whole per cent. */
  readonly lostPercent: number;
  /** The largest picture that we send; undefined for none. */
  readonly sentPicture: PictureReport | undefined;
  /** By the id of the browser's track. */
  readonly receivedPictures: ReadonlyMap<string, PictureReport>;
}

/** @param elapsedMs between the two, more than 0 */
export function reportBetween(
  before: CallStats,
  now: CallStats,
  elapsedMs: number,
): ConnectionReport {
  const largest = now.outbound
    .filter(isPicture)
    .toSorted((a, b) => b.frameHeight - a.frameHeight)[0];
  const received = now.inbound.filter(isPicture);
  return {
    sentBps: bitrateBps(before.outbound, now.outbound, elapsedMs),
    receivedBps: bitrateBps(before.inbound, now.inbound, elapsedMs),
    roundTripTimeMs: now.roundTripTimeMs,
    lostPercent: Math.round(now.uploadLoss * 100),
    sentPicture: largest && pictureOf(largest),
    receivedPictures: new Map(received.map((stream) => [stream.trackId, pictureOf(stream)])),
  };
}

/** A stream that stands still keeps its last size. */
function isPicture({ kind, frameHeight, framesPerSecond }: StreamStats): boolean {
  return kind === 'video' && frameHeight > 0 && framesPerSecond > 0;
}

function pictureOf({ frameHeight, framesPerSecond }: StreamStats): PictureReport {
  return { heightPx: frameHeight, framesPerSecond: Math.round(framesPerSecond) };
}

/** Streams that were not there before count from nothing, those that ended not at all. */
function bitrateBps(
  before: readonly StreamStats[],
  now: readonly StreamStats[],
  elapsedMs: number,
): number {
  const known = new Map(before.map(({ ssrc, bytes }) => [ssrc, bytes]));
  let bytes = 0;
  for (const stream of now) bytes += Math.max(0, stream.bytes - (known.get(stream.ssrc) ?? 0));
  return (bytes * 8_000) / elapsedMs;
}
