/**
 * Keeps each receiver's estimate in use: what it aims at, layers anew when it moved, probes, and what
 * the client is told about it.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProbeSender } from './probe-sender.ts';
import type { Source } from './source.ts';

const AUDIO_INTERVAL_MS = 200;

export class BandwidthWatch {
  readonly #context: Pick<BridgeContext, 'outlet'>;
  readonly #probes: ProbeSender;
  readonly #audio = new WeakMap<Conference, { readonly atMs: number; readonly bps: number }>();

  constructor(context: Pick<BridgeContext, 'outlet'>, probes: ProbeSender) {
    this.#context = context;
    this.#probes = probes;
  }

  /** For a connected endpoint, on every tick. */
  handleTick(conference: Conference, receiver: Endpoint, nowMs: number): void {
    const { bandwidth } = receiver;
    if (!bandwidth.isKnown) return;
    if (bandwidth.isAimDue(nowMs)) {
      bandwidth.wantedBps = wantedBps(receiver, nowMs);
      if (bandwidth.remb !== undefined) bandwidth.remb.sentBps = sentBps(receiver, nowMs);
      bandwidth.estimator.uncountedBps = this.#heardBps(conference, receiver, nowMs);
    }
    bandwidth.estimator.handleTick(nowMs);
    this.#probes.watch(receiver);
    const { estimator } = bandwidth;
    receiver.pacing.setRate(
      bandwidth.estimateBps,
      estimator.isQueueing(nowMs) || estimator.isDelayed(nowMs),
    );
    receiver.isPaced = bandwidth.isTight || receiver.pacing.isWaiting;
    if (bandwidth.update(nowMs)) conference.reallocate(receiver, nowMs);
    if (receiver.channelId === undefined || !bandwidth.isStatsDue(nowMs)) return;
    this.#context.outlet.sendOnChannel(
      receiver.channelId,
      writeChannelMessage({
        colibriClass: 'ConnectionStats',
        estimatedDownlinkBandwidth: Math.round(bandwidth.estimateBps),
      }),
    );
  }

  /** Of the voices that the receiver is sent. */
  #heardBps(conference: Conference, receiver: Endpoint, nowMs: number): number {
    if (receiver.audioSubscription.isNobody) return 0;
    const ownBps = voicesBps(receiver.sources, nowMs);
    return Math.max(0, this.#audioBps(conference, nowMs) - ownBps);
  }

  /** All voices of the conference, added up once for all receivers. */
  #audioBps(conference: Conference, nowMs: number): number {
    let audio = this.#audio.get(conference);
    if (audio === undefined || nowMs - audio.atMs >= AUDIO_INTERVAL_MS) {
      audio = { atMs: nowMs, bps: allVoicesBps(conference, nowMs) };
      this.#audio.set(conference, audio);
    }
    return audio.bps;
  }
}

function allVoicesBps(conference: Conference, nowMs: number): number {
  let sum = 0;
  for (const { sources } of conference.endpoints.values()) sum += voicesBps(sources, nowMs);
  for (const { sources } of conference.remoteEndpoints()) sum += voicesBps(sources, nowMs);
  return sum;
}

/** Of the voices among `sources`; silence is not forwarded. */
function voicesBps(sources: readonly Source[], nowMs: number): number {
  let sum = 0;
  for (const { type, streams } of sources) {
    const [stream] = streams;
    if (type !== 'audio' || stream === undefined || stream.silentRun > 0) continue;
    sum += stream.rate.bitrateBps(nowMs);
  }
  return sum;
}

/** What the receiver is sent now, measured as `wantedBps` is. */
function sentBps(receiver: Endpoint, nowMs: number): number {
  let sum = 0;
  for (const { source, currentIndex } of receiver.wanted) {
    sum += source.streams[currentIndex]?.rate.recentPeakBps(nowMs) ?? 0;
  }
  return sum;
}

/** What the receiver would be sent now if bandwidth were no limit. */
function wantedBps(receiver: Endpoint, nowMs: number): number {
  let sum = 0;
  for (const { source, idealIndex } of receiver.wanted) {
    sum += source.streams[idealIndex]?.rate.recentPeakBps(nowMs) ?? 0;
  }
  return sum;
}
