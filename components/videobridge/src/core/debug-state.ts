/**
 * What the bridge knows of a conference or an endpoint at this moment, as JSON for somebody who looks
 * for a fault (`/debug`, as Jitsi's bridge has it). No passwords, no keys, no media.
 */
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { Relay } from './relay/relay.ts';
import type { Source } from './source.ts';

export type DebugState = Readonly<Record<string, unknown>>;

/** What is asked for; without names, all conferences. */
export interface DebugQuery {
  readonly meetingId?: string;
  readonly endpointId?: string;
  /** Everything; otherwise who is there. */
  readonly isFull: boolean;
}

/** Undefined when there is no such conference or endpoint. */
export function debugState(
  conferences: ReadonlyMap<string, Conference>,
  { meetingId, endpointId, isFull }: DebugQuery,
  nowMs: number,
): DebugState | undefined {
  if (meetingId === undefined) {
    const entries = [...conferences].map(([id, each]) => [id, ofConference(each, isFull, nowMs)]);
    return { conferences: Object.fromEntries(entries) as DebugState };
  }
  const conference = conferences.get(meetingId);
  if (conference === undefined) return undefined;
  if (endpointId === undefined) return ofConference(conference, isFull, nowMs);
  const endpoint = conference.endpoints.get(endpointId);
  return endpoint && ofEndpoint(endpoint, nowMs);
}

function ofConference(conference: Conference, isFull: boolean, nowMs: number): DebugState {
  const { meetingId, name, createdMs, recentSpeakers } = conference;
  const endpoints = [...conference.endpoints.values()];
  return {
    meetingId,
    name,
    ageMs: age(createdMs, nowMs),
    recentSpeakers,
    endpoints: isFull
      ? Object.fromEntries(endpoints.map((each) => [each.id, ofEndpoint(each, nowMs)]))
      : endpoints.map(({ id }) => id),
    ...(conference.relays.size > 0 && {
      relays: Object.fromEntries(
        [...conference.relays].map(([id, relay]) => [id, ofRelay(relay, isFull, nowMs)]),
      ),
    }),
  };
}

function ofRelay(relay: Relay, isFull: boolean, nowMs: number): DebugState {
  const endpoints = [...relay.endpoints.values()];
  return {
    isConnected: relay.isConnected,
    endpoints: isFull
      ? Object.fromEntries(
          endpoints.map(({ id, sources }) => [id, sources.map((each) => ofSource(each, nowMs))]),
        )
      : endpoints.map(({ id }) => id),
  };
}

/** Encodings by index, lowest first; -1 is none. */
function ofEndpoint(endpoint: Endpoint, nowMs: number): DebugState {
  const { transport, bandwidth, constraints } = endpoint;
  const { estimator } = bandwidth;
  return {
    statsId: endpoint.statsId,
    ageMs: age(endpoint.createdMs, nowMs),
    quietMs: age(endpoint.lastActivityMs, nowMs),
    isConnected: endpoint.isConnected,
    transport: {
      iceState: transport.agent.state,
      pairs: transport.agent.pairCount,
      rttMs: transport.agent.rttMs,
      counters: { ...transport.agent.counters },
      isDtlsConnected: transport.isDtlsConnected,
    },
    rttMs: endpoint.rttMs,
    waitingBytes: endpoint.pacing.waitingBytes,
    bandwidth: {
      isKnown: bandwidth.isKnown,
      estimateBps: Math.round(bandwidth.estimateBps),
      usedBps: Math.round(bandwidth.availableBps(constraints.assumedBandwidthBps)),
      delayBps: Math.round(estimator.delayBps),
      lossBps: Math.round(estimator.lossBps),
      wantedBps: Math.round(bandwidth.wantedBps),
      queueMs: Math.round(estimator.queueMs(nowMs)),
      loss: estimator.loss,
      isProbing: estimator.isProbing,
      probesStarted: estimator.probesStarted,
    },
    constraints: {
      lastN: constraints.lastN,
      selected: [...constraints.selected.keys()],
      onStage: [...constraints.onStage.keys()],
    },
    channel: endpoint.channelId === undefined ? 'closed' : 'open',
    forwardedSources: endpoint.forwardedSources,
    isAudioForceMuted: endpoint.isAudioForceMuted,
    isVideoForceMuted: endpoint.isVideoForceMuted,
    sources: endpoint.sources.map((source) => ofSource(source, nowMs)),
    ...(endpoint.ssrcSlots !== undefined && {
      ssrcSlots: { audio: endpoint.ssrcSlots.audio.size, video: endpoint.ssrcSlots.video.size },
    }),
    heard: endpoint.audioForwards.map(({ source }) => source.name),
    received: [...endpoint.projectionsBySsrc.values()].map((projection) => ({
      source: projection.source.name,
      ...(projection.hasPlace && { ssrc: projection.out.ssrc }),
      idealIndex: projection.idealIndex,
      targetIndex: projection.targetIndex,
      targetSpatialId: projection.targetSpatialId,
      targetTemporalId: projection.targetTemporalId,
      currentIndex: projection.currentIndex,
      isSuspended: projection.isSuspended,
      isWaitingForKeyframe: projection.isWaitingForKeyframe,
      sentPackets: projection.out.packetCount,
      repeatedPackets: projection.rtxOut?.packetCount ?? 0,
    })),
  };
}

function ofSource(source: Source, nowMs: number): DebugState {
  const { name, type, videoType, streams } = source;
  return {
    name,
    type,
    ...(type === 'video' && {
      videoType,
      keyframesRequested: source.keyframes.requested,
      keyframesReceived: source.keyframes.received,
    }),
    streams: streams.map((stream) => ({
      ssrc: stream.ssrc,
      isActive: stream.isActive,
      bitrateBps: Math.round(stream.rate.bitrateBps(nowMs)),
      ...(type === 'video' && { steadyBps: stream.rate.steadyBps(nowMs) }),
      pictureHeight: stream.pictureHeight,
      quietMs: age(stream.lastPacketMs, nowMs),
    })),
  };
}

/** Undefined for what never was. */
function age(sinceMs: number, nowMs: number): number | undefined {
  return Number.isFinite(sinceMs) ? Math.round(nowMs - sinceMs) : undefined;
}
