/** Sets up, restarts, moves and ends the media sessions of participants (one endpoint on the bridge each). */
import { randomHex, randomUuid, type TimerHandle } from '@conclave/base';
import type {
  ColibriErrorReason,
  ColibriResponse,
  IceTransport,
  MediaDescription,
} from '@conclave/protocols/colibri';
import type { JingleReason } from '@conclave/protocols/jingle';
import type { BridgeSession } from './bridge-session.ts';
import type { ConferenceState } from './conference-state.ts';
import { FEATURE } from './features.ts';
import { buildOffer, mixedSources, offeredMedia } from './offer.ts';
import type { Participant } from './participant.ts';
import { RateLimit } from './rate-limit.ts';
import type { SourceDistribution } from './source-distribution.ts';

/** Moves of the whole conference in a row without a pause; a bridge that loses it each time must not make a loop. */
const MOVE_LIMIT = { burst: 4, intervalMs: 10_000 };

/** A participant whose session fails again and again, or is refused by the bridge, gets a pause. */
const PAUSE_MS = 10_000;

/** The wait between retries doubles this many times. */
const MAX_RETRY_DOUBLINGS = 3;

const MOVING: JingleReason = { condition: 'success', text: 'moving' };

export class Invitations {
  readonly #state: ConferenceState;
  readonly #distribution: SourceDistribution;
  readonly #moveLimit: RateLimit;
  #retryTimer: TimerHandle | undefined;
  #retries = 0;
  readonly #pauses = new Map<Participant, TimerHandle>();

  constructor(state: ConferenceState, distribution: SourceDistribution) {
    this.#state = state;
    this.#distribution = distribution;
    this.#moveLimit = new RateLimit(MOVE_LIMIT, state.deps.clock.nowMs());
  }

  /** Invites everybody who has no session, if there are enough participants. */
  inviteAll(): void {
    if (!this.#state.hasEnoughParticipants || this.#retryTimer !== undefined) return;
    for (const participant of this.#state.participants.values()) this.invite(participant);
  }

  /** Allocates an endpoint and sends the offer; nothing if there is a session, or features are unknown yet. */
  invite(participant: Participant): void {
    const { deps, options, bridges } = this.#state;
    const { features, endpointId, statsId, forceMute } = participant;
    if (participant.session !== undefined || participant.allocation !== undefined) return;
    if (features === undefined || this.#retryTimer !== undefined) return;
    if (deps.clock.nowMs() < participant.inviteAfterMs) return;
    const media = offeredMedia(options, features);
    if (media.length === 0) return;
    participant.learnsSourcesFromBridge =
      options.ssrcRewriting && participant.has(FEATURE.ssrcRewriting);
    const allocation = {};
    participant.allocation = allocation;
    const endpoint = {
      id: endpointId,
      media,
      ...(this.#hasDataChannel(participant) && { sctp: true }),
      ...(participant.role === 'visitor' && { visitor: true }),
      ...(participant.learnsSourcesFromBridge && {
        ssrcRewriting: true,
        ...(participant.has(FEATURE.midDemux) && { midDemux: true }),
      }),
      ...(statsId !== undefined && { statsId }),
      ...((forceMute.audio || forceMute.video) && { forceMute: { ...forceMute } }),
    };
    const hasBridge = bridges.createEndpoint(endpoint, (response) => {
      if (participant.allocation !== allocation) return;
      participant.allocation = undefined;
      const transport = transportOf(response, endpointId);
      if (transport !== undefined) this.#sendOffer(participant, media, transport);
      else this.#allocationFailed(participant, response);
    });
    // `resume` invites when there is one again.
    if (!hasBridge) participant.allocation = undefined;
  }

  /** The participant's endpoint is gone: a new session, after a pause when this happens too often. */
  reinvite(participant: Participant): void {
    const nowMs = this.#state.deps.clock.nowMs();
    if (!participant.restartLimit.tryTake(nowMs)) this.#pause(participant);
    this.terminate(participant, MOVING);
    if (this.#state.hasEnoughParticipants) this.invite(participant);
  }

  /** The bridge is there again. */
  resume(): void {
    this.#cancelRetry();
    this.#retries = 0;
    this.inviteAll();
  }

  /** Ends the session with a session-terminate. Others are told that the sources are gone. */
  terminate(participant: Participant, reason: JingleReason): void {
    this.#sendTerminate(participant, reason);
    this.forget(participant);
  }

  /** Ends the session without a word to the client. Others are told that the sources are gone. */
  forget(participant: Participant): void {
    const { bridges, sources } = this.#state;
    participant.endSession();
    bridges.expireEndpoint(participant.endpointId);
    sources.removeOwner(participant.endpointId);
    this.#distribution.announce(participant);
  }

  /** The participant has left the room. Nobody is told: clients know it from the room. */
  left(participant: Participant): void {
    const { bridges, sources } = this.#state;
    this.#pauses.get(participant)?.cancel();
    this.#pauses.delete(participant);
    participant.endSession();
    bridges.expireEndpoint(participant.endpointId);
    sources.removeOwner(participant.endpointId);
    this.#distribution.forget(participant);
  }

  /** Ends all sessions, and the conference on its bridges, which work. */
  terminateAll(reason: JingleReason): void {
    this.#endSessions(this.#state.participants.values(), reason);
    this.#distribution.clear();
    this.#state.bridges.expire();
  }

  /** A bridge has lost the conference: invites those who were there again, at once, or later when it happens too often. */
  move(session: BridgeSession): void {
    this.#bridgeLost(session);
    if (this.#moveLimit.tryTake(this.#state.deps.clock.nowMs())) this.inviteAll();
    else this.#scheduleRetry();
  }

  /** Invites so many people of this bridge again, to others that have room: who came last first. How many there were. */
  moveAway(bridgeId: string, count: number): number {
    const { bridges, participants } = this.#state;
    let moved = 0;
    for (const participant of [...participants.values()].reverse()) {
      const { endpointId, session } = participant;
      if (moved === count) break;
      if (session === undefined || bridges.of(endpointId)?.bridgeId !== bridgeId) continue;
      if (!bridges.wouldMove(endpointId)) break;
      this.reinvite(participant);
      moved++;
    }
    return moved;
  }

  /** A bridge is gone: as `move`, to another bridge. Without one clients wait for the new offer. */
  bridgeFailed(session: BridgeSession): void {
    if (this.#state.deps.bridgeSelector.hasBridge) this.move(session);
    else this.#bridgeLost(session);
  }

  /** The bridge answered a request about an existing endpoint. */
  handleResponse(participant: Participant, response: ColibriResponse): void {
    if (response.type === 'modified' || !this.#state.isPresent(participant)) return;
    const { reason, text } = response;
    this.#log(participant, reason, text);
    switch (reason) {
      case 'unknown_endpoint':
        this.reinvite(participant);
        return;
      case 'conference_not_found':
      case 'conference_already_exists':
      case 'bridge_failed':
      case 'timeout':
        this.#moveFrom(participant);
        return;
      case 'endpoint_already_exists':
      case 'graceful_shutdown':
      case 'bad_request': // to invite again would make a loop
        return;
      default:
        reason satisfies never;
    }
  }

  #moveFrom({ endpointId }: Participant): void {
    const session = this.#state.bridges.of(endpointId);
    if (session !== undefined) this.move(session);
  }

  close(): void {
    this.#cancelRetry();
    for (const timer of this.#pauses.values()) timer.cancel();
    this.#pauses.clear();
  }

  /** The bridge does not know under which name each client reaches the server. */
  #withChannelUrl({ realJid }: Participant, transport: IceTransport): IceTransport {
    const { webSocketUrl } = transport;
    if (webSocketUrl === undefined) return transport;
    return {
      ...transport,
      webSocketUrl: this.#state.options.channelUrl(webSocketUrl, realJid),
    };
  }

  #sendOffer(
    participant: Participant,
    media: readonly MediaDescription[],
    transport: IceTransport,
  ): void {
    const { deps, options, bridges, sources } = this.#state;
    const feedback = bridges.of(participant.endpointId)?.feedbackSources;
    if (feedback === undefined) {
      deps.logger.error('conference.bridge.no-feedback-sources');
      bridges.expireEndpoint(participant.endpointId);
      return;
    }
    this.#retries = 0;
    sources.reserve([feedback.audioSsrc, feedback.videoSsrc]);
    const session = {
      sid: randomHex(deps.random, 16),
      bridgeSessionId: randomUuid(deps.random),
      state: 'pending' as const,
    };
    participant.session = session;
    const startMuted = this.#startMuted(participant);
    participant.wasInvited = true;
    const offer = buildOffer({
      sid: session.sid,
      initiator: options.focusJid,
      responder: participant.occupantJid,
      bridgeSessionId: session.bridgeSessionId,
      region: options.region,
      media,
      transport: this.#withChannelUrl(participant, transport),
      hasDataChannel: this.#hasDataChannel(participant),
      sources: [
        mixedSources(feedback.audioSsrc, feedback.videoSsrc),
        ...this.#distribution.offerFor(participant),
      ],
      asJson: options.jsonSources && participant.has(FEATURE.jsonSources),
      startMuted,
    });
    this.#state.requestJingle(participant, offer, (reply) => {
      // No answer counts as success: the client may be slow, and its session-accept tells more.
      if (reply.type !== 'error' || participant.session?.sid !== session.sid) return;
      deps.logger.warn('session.offer.refused', {
        endpoint: participant.endpointId,
        condition: reply.error.condition,
      });
      participant.inviteAfterMs = Number.POSITIVE_INFINITY;
      this.terminate(participant, { condition: 'general-error', text: 'jingle session failed' });
    });
  }

  #allocationFailed(participant: Participant, response: ColibriResponse): void {
    const reason = response.type === 'error' ? response.reason : 'bad_request';
    const text = response.type === 'error' ? response.text : 'no transport in the response';
    this.#log(participant, reason, text);
    const { bridges } = this.#state;
    const session = bridges.of(participant.endpointId);
    switch (reason) {
      case 'conference_not_found':
      case 'conference_already_exists':
        if (session !== undefined) this.#bridgeLost(session);
        this.#scheduleRetry();
        return;
      case 'endpoint_already_exists':
      case 'unknown_endpoint':
        bridges.expireEndpoint(participant.endpointId);
        this.#scheduleRetry();
        return;
      case 'graceful_shutdown':
      case 'timeout':
      case 'bridge_failed':
        this.#scheduleRetry();
        return;
      case 'bad_request':
        // Nothing gets better by asking at once again.
        bridges.expireEndpoint(participant.endpointId);
        this.#pause(participant);
        return;
      default:
        reason satisfies never;
    }
  }

  /** Ends the sessions on this bridge, and whatever it has kept of the conference. */
  #bridgeLost(session: BridgeSession): void {
    const { bridges, participants } = this.#state;
    const lost = [...participants.values()].filter(
      ({ endpointId }) => bridges.of(endpointId) === session,
    );
    this.#endSessions(lost, MOVING);
    bridges.expireOn(session);
    if (lost.length === participants.size) this.#distribution.clear();
    else for (const participant of lost) this.#distribution.announce(participant);
  }

  #endSessions(participants: Iterable<Participant>, reason: JingleReason): void {
    for (const participant of participants) {
      this.#sendTerminate(participant, reason);
      participant.endSession();
      this.#state.sources.removeOwner(participant.endpointId);
    }
  }

  #sendTerminate(participant: Participant, reason: JingleReason): void {
    const { session } = participant;
    if (session === undefined) return;
    this.#state.sendJingle(participant, {
      action: 'session-terminate',
      sid: session.sid,
      initiator: this.#state.options.focusJid,
      contents: [],
      bundle: [],
      reason,
    });
  }

  #pause(participant: Participant): void {
    const { clock, timers } = this.#state.deps;
    participant.inviteAfterMs = clock.nowMs() + PAUSE_MS;
    this.#pauses.get(participant)?.cancel();
    const timer = timers.schedule(PAUSE_MS, () => {
      this.#pauses.delete(participant);
      this.inviteAll();
    });
    this.#pauses.set(participant, timer);
  }

  #cancelRetry(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
  }

  #scheduleRetry(): void {
    if (this.#retryTimer !== undefined) return;
    const doublings = Math.min(this.#retries++, MAX_RETRY_DOUBLINGS);
    const delayMs = this.#state.options.allocationRetryMs * 2 ** doublings;
    this.#retryTimer = this.#state.deps.timers.schedule(delayMs, () => {
      this.#retryTimer = undefined;
      this.inviteAll();
    });
  }

  #hasDataChannel(participant: Participant): boolean {
    return this.#state.options.sctp && participant.has(FEATURE.sctp);
  }

  #startMuted(participant: Participant): { audio: boolean; video: boolean } {
    if (participant.wasInvited) return { audio: false, video: false };
    const { audio, video } = this.#state.startMuted;
    const policy = participant.has(FEATURE.startMutedMetadata) ? undefined : participant.startMuted;
    let before = 0;
    for (const other of this.#state.participants.values()) {
      if (other === participant) break;
      before++;
    }
    return {
      audio: policy?.audio === true || (audio !== undefined && before >= audio),
      video: policy?.video === true || (video !== undefined && before >= video),
    };
  }

  #log(participant: Participant, reason: ColibriErrorReason, text: string): void {
    const { logger } = this.#state.deps;
    logger.warn('conference.bridge.refused', { endpoint: participant.endpointId, reason, text });
  }
}

function transportOf(response: ColibriResponse, endpointId: string): IceTransport | undefined {
  if (response.type === 'error') return undefined;
  return response.result.endpoints.find(({ id }) => id === endpointId)?.transport;
}
