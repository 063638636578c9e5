/**
 * What is due at a time rather than by a packet: ICE, reports, feedback, repeated NACKs, streams that
 * fell silent, the dominant speaker, endpoints that are gone.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import { BandwidthWatch } from './bandwidth-watch.ts';
import type { BridgeContext } from './bridge-context.ts';
import { dominantSpeakerMessage } from './channel-session.ts';
import type { Conference } from './conference.ts';
import { connectivityMessage } from './connectivity-status.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointRounds } from './endpoint-rounds.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { tellAll } from './message-delivery.ts';
import type { ProbeSender } from './probe-sender.ts';
import { tellRelays } from './relay/relay-channel.ts';
import type { Source } from './source.ts';
import { forgetResting } from './video-wiring.ts';
import { restVoice } from './voice-wiring.ts';

/** RFC 3550 would allow less often; Jitsi's interval. */
const REPORT_INTERVAL_MS = 500;
/** Without a packet for so long, while others of its camera come, an encoding does not count as arriving. */
const CAMERA_IDLE_MS = 1000;
/**
 * A still screen is sent about once a second. And an encoder that spent too much on a key frame leaves frames out: of an encoding
 * below others seconds of them.
 */
const LONG_IDLE_MS = 4000;
/** Where nothing comes at all, the sender's machine or network is held up: of that so much counts at a time. */
const MAX_GAP_MS = 300;
const ACTIVITY_CHECK_MS = 100;
const ACTIVITY_CHECK_SHIFTS = 5;
/** Nothing authenticated at all from a connected endpoint, STUN included. */
const SILENT_ENDPOINT_MS = 60_000;
/** Connected once, but interrupted: the others are told … */
const INTERRUPTED_MS = 8000;
/** … as they are of who never came. */
const NEVER_HEARD_MS = 15_000;
/** A new conference may be empty for so long. */
const EMPTY_CONFERENCE_MS = 20_000;
/** Ask for lost packets only of encodings that somebody wanted lately. */
const WANTED_LATELY_MS = 1000;

/** An endpoint that only sends is seen to on every second tick, when its feedback may be due … */
const SENDER_TICKS = 2;
/** … or nearly: a little early is better than a turn too late. */
const EARLY_MS = 10;

export interface Expired {
  readonly endpoint: Endpoint;
  readonly reason: string;
}

interface Schedule {
  readonly rounds: EndpointRounds<Endpoint>;
  nextActivityCheckMs: number;
  ticks: number;
}

export class Housekeeping {
  readonly #context: BridgeContext;
  readonly #bandwidth: BandwidthWatch;
  readonly #expired: Expired[] = [];
  readonly #schedules = new WeakMap<Conference, Schedule>();
  #scheduleCount = 0;

  constructor(context: BridgeContext, probes: ProbeSender) {
    this.#context = context;
    this.#bandwidth = new BandwidthWatch(context, probes);
  }

  /** Returns endpoints to expire; the array is reused by the next call. */
  handleTick(conference: Conference, nowMs: number): readonly Expired[] {
    this.#expired.length = 0;
    const schedule = this.#scheduleOf(conference, nowMs);
    const { busyEndpoints } = conference;
    let turn = schedule.ticks++;
    for (const endpoint of busyEndpoints) {
      if (turn++ % SENDER_TICKS === 0 || endpoint.isUrgent) this.#care(conference, endpoint, nowMs);
    }
    if (conference.relays.size > 0) this.#askRelays(conference, nowMs);
    schedule.rounds.advance(
      () => conference.endpoints.values(),
      nowMs,
      (endpoint) => {
        if (conference.endpoints.get(endpoint.id) !== endpoint) return;
        if (!busyEndpoints.has(endpoint)) this.#care(conference, endpoint, nowMs);
        forgetResting(endpoint, nowMs);
        this.#watchConnection(conference, endpoint, nowMs);
      },
    );
    if (nowMs >= schedule.nextActivityCheckMs) {
      schedule.nextActivityCheckMs = nowMs + ACTIVITY_CHECK_MS;
      this.#watchStreams(conference, nowMs);
    }
    conference.goOnAllocating(nowMs);
    const speaker = conference.speakers.handleTick(nowMs);
    if (speaker !== undefined) this.#speakerChanged(conference, speaker, nowMs);
    return this.#expired;
  }

  #care(conference: Conference, endpoint: Endpoint, nowMs: number): void {
    endpoint.transport.handleTimeout(nowMs);
    endpoint.sctp?.handleTimeout(nowMs);
    if (endpoint.isConnected) {
      this.#sendFeedback(endpoint, nowMs);
      this.#bandwidth.handleTick(conference, endpoint, nowMs);
    }
    endpoint.isUrgent =
      !endpoint.isConnected ||
      endpoint.transport.isRestarting ||
      endpoint.sctp !== undefined ||
      endpoint.bandwidth.isKnown ||
      endpoint.incompleteStreams.size > 0;
    if (endpoint.isUrgent || endpoint.streamsBySsrc.size > 0)
      conference.busyEndpoints.add(endpoint);
    else conference.busyEndpoints.delete(endpoint);
  }

  #scheduleOf(conference: Conference, nowMs: number): Schedule {
    let schedule = this.#schedules.get(conference);
    if (schedule === undefined) {
      // Not all conferences on the same tick.
      const delayMs =
        (this.#scheduleCount++ % ACTIVITY_CHECK_SHIFTS) *
        (ACTIVITY_CHECK_MS / ACTIVITY_CHECK_SHIFTS);
      schedule = { rounds: new EndpointRounds(), nextActivityCheckMs: nowMs + delayMs, ticks: 0 };
      this.#schedules.set(conference, schedule);
    }
    return schedule;
  }

  isAbandoned(conference: Conference, nowMs: number): boolean {
    return conference.endpoints.size === 0 && nowMs - conference.createdMs > EMPTY_CONFERENCE_MS;
  }

  /** Asks for what a packet showed to be missing, at once and as long as it does not come. */
  requestMissing(stream: IncomingStream, nowMs: number): void {
    const { nack, source } = stream;
    if (nack === undefined || nack.missingCount === 0) {
      source.owner.incompleteStreams.delete(stream);
      return;
    }
    source.owner.incompleteStreams.add(stream);
    if (nowMs - stream.lastWantedMs > WANTED_LATELY_MS) return;
    stream.source.owner.isUrgent = true;
    this.#context.rtcp.sendNack(stream, nowMs);
  }

  #sendFeedback(endpoint: Endpoint, nowMs: number): void {
    const { rtcp } = this.#context;
    const feedbackMs = endpoint.transportCc.nextTimeoutMs;
    const isFeedbackDue = feedbackMs !== undefined && feedbackMs <= nowMs + EARLY_MS;
    if (endpoint.nextReportMs <= nowMs + EARLY_MS) {
      endpoint.nextReportMs = nowMs + REPORT_INTERVAL_MS;
      rtcp.sendReceiverReport(endpoint, isFeedbackDue, nowMs);
    }
    if (isFeedbackDue) rtcp.sendTransportCc(endpoint, nowMs);
    this.#repeatRequests(endpoint.incompleteStreams, nowMs);
  }

  #askRelays({ relays }: Conference, nowMs: number): void {
    for (const { incompleteStreams } of relays.values()) {
      this.#repeatRequests(incompleteStreams, nowMs);
    }
  }

  #repeatRequests(incomplete: ReadonlySet<IncomingStream>, nowMs: number): void {
    if (incomplete.size === 0) return; // mostly, and an iterator is an object too
    for (const stream of incomplete) this.requestMissing(stream, nowMs);
  }

  #watchConnection(conference: Conference, endpoint: Endpoint, nowMs: number): void {
    const { isIceConnected } = endpoint.transport;
    const silentMs = nowMs - endpoint.lastActivityMs;
    if (isIceConnected && silentMs > SILENT_ENDPOINT_MS) {
      this.#expired.push({ endpoint, reason: 'no packet for a minute' });
    }
    const isInterrupted = silentMs > (isIceConnected ? INTERRUPTED_MS : NEVER_HEARD_MS);
    if (isInterrupted === endpoint.isInterrupted) return;
    endpoint.isInterrupted = isInterrupted;
    if (endpoint.isVisitor) return;
    const message = connectivityMessage(endpoint);
    tellAll(conference, writeChannelMessage(message), this.#context.outlet, endpoint);
    tellRelays(conference, message, this.#context.outlet);
  }

  #watchStreams(conference: Conference, nowMs: number): void {
    let hasChanged = false;
    // Whoever has sources is among the busy ones.
    for (const { sources } of conference.busyEndpoints) {
      if (fellSilent(sources, nowMs)) hasChanged = true;
      restVoices(sources, nowMs);
    }
    for (const { sources } of conference.remoteEndpoints()) {
      if (fellSilent(sources, nowMs)) hasChanged = true;
      restVoices(sources, nowMs);
    }
    if (hasChanged) conference.requestAllocation(nowMs);
  }

  #speakerChanged(conference: Conference, speaker: string, nowMs: number): void {
    this.#context.totals.dominantSpeakerChanges++;
    conference.speakerChanged(speaker, nowMs);
    const text = dominantSpeakerMessage(conference);
    if (text !== undefined) tellAll(conference, text, this.#context.outlet);
  }
}

function restVoices(sources: readonly Source[], nowMs: number): void {
  for (const source of sources) if (source.type === 'audio') restVoice(source, nowMs);
}

/** Whether a video of these did, in one encoding at least. */
function fellSilent(sources: readonly Source[], nowMs: number): boolean {
  let hasChanged = false;
  for (const source of sources) {
    const { streams } = source;
    const gapMs = source.takeGapMs();
    let idleMs = source.videoType === 'desktop' ? LONG_IDLE_MS : CAMERA_IDLE_MS;
    for (let i = streams.length - 1; i >= 0; i--) {
      const stream = streams[i]!;
      if (!stream.isActive) continue;
      stream.countSilence(Math.min(gapMs, MAX_GAP_MS));
      if (stream.silentMs > idleMs || nowMs - stream.lastPacketMs > LONG_IDLE_MS) {
        stream.isActive = false;
        if (source.type === 'video') hasChanged = true;
      } else idleMs = LONG_IDLE_MS; // for those below
    }
  }
  return hasChanged;
}
