/**
 * The conferences of a bridge worker and their endpoints: how they come, fail and go, and which of them a packet is for. An
 * exception in one ends that one and nothing else.
 */
import type { BridgeContext } from './bridge-context.ts';
import type { ConferenceRegistry } from './colibri-handler.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import { NO_LAYER } from './projection/video-projection.ts';
import type { Relay } from './relay/relay.ts';
import type { RelayRegistry } from './relay/relay-requests.ts';
import { requestKeyframeIfNeeded } from './video-allocation.ts';

/** What else belongs to conferences and endpoints. */
export interface ConferenceBelongings {
  addDataChannel(endpoint: Endpoint, nowMs: number): void;
  closeChannel(endpoint: Endpoint): void;
  removeRelay(relay: Relay, nowMs: number): void;
  /** Packets that wait for more of their frame. */
  forgetPackets(conference: Conference): void;
}

export class Conferences implements ConferenceRegistry, RelayRegistry {
  /** By packet-io's handle. */
  readonly byPeer: (Endpoint | undefined)[] = [];
  readonly relayByPeer: (Relay | undefined)[] = [];
  readonly #context: BridgeContext;
  readonly #belongings: ConferenceBelongings;
  readonly #conferences = new Map<string, Conference>();
  /** Endpoints to expire once the present input is dealt with. */
  readonly #failed: { endpoint: Endpoint; reason: string }[] = [];

  constructor(context: BridgeContext, belongings: ConferenceBelongings) {
    this.#context = context;
    this.#belongings = belongings;
  }

  get conferenceCount(): number {
    return this.#conferences.size;
  }

  get byMeeting(): ReadonlyMap<string, Conference> {
    return this.#conferences;
  }

  all(): Iterable<Conference> {
    return this.#conferences.values();
  }

  /** Videos that anybody is sent at most. */
  mostForwarded(): number {
    let most = 0;
    for (const { endpoints } of this.#conferences.values()) {
      for (const { wanted } of endpoints.values()) {
        let count = 0;
        for (const { targetIndex } of wanted) if (targetIndex !== NO_LAYER) count++;
        most = Math.max(most, count);
      }
    }
    return most;
  }

  find(meetingId: string): Conference | undefined {
    return this.#conferences.get(meetingId);
  }

  addConference(conference: Conference): void {
    this.#conferences.set(conference.meetingId, conference);
    this.#context.logger.info('conference.created', {
      meetingId: conference.meetingId,
      name: conference.name,
    });
  }

  removeConference(conference: Conference, nowMs: number): void {
    if (this.#conferences.get(conference.meetingId) !== conference) return;
    this.#conferences.delete(conference.meetingId);
    for (const relay of [...conference.relays.values()]) this.#belongings.removeRelay(relay, nowMs);
    for (const endpoint of [...conference.endpoints.values()]) {
      this.#detach(endpoint);
      conference.removeEndpoint(endpoint, nowMs);
    }
    this.#context.logger.info('conference.expired', { meetingId: conference.meetingId });
  }

  /** Ends the conference because of an exception, and tells the focus. */
  fail(conference: Conference, error: unknown, nowMs: number): void {
    this.#context.counters.conferencesFailed++;
    this.#context.logger.error('conference.failed', { meetingId: conference.meetingId, error });
    this.#belongings.forgetPackets(conference);
    try {
      this.removeConference(conference, nowMs);
    } catch (secondError) {
      // Its state is broken: at least nothing may reach it any more.
      for (const endpoint of conference.endpoints.values()) this.#detach(endpoint);
      for (const relay of conference.relays.values()) this.removeRelay(relay);
      this.#context.logger.error('conference.cleanup.failed', { error: secondError });
    }
    this.#context.outlet.event({
      type: 'conferenceFailed',
      meetingId: conference.meetingId,
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  addRelay(relay: Relay): void {
    this.relayByPeer[relay.peer] = relay;
  }

  removeRelay(relay: Relay): void {
    if (this.relayByPeer[relay.peer] === relay) this.relayByPeer[relay.peer] = undefined;
  }

  addEndpoint(endpoint: Endpoint): void {
    this.byPeer[endpoint.transport.peer] = endpoint;
  }

  addDataChannel(endpoint: Endpoint, nowMs: number): void {
    this.#belongings.addDataChannel(endpoint, nowMs);
  }

  removeEndpoint(endpoint: Endpoint, reason: string, nowMs: number): void {
    const { conference } = endpoint;
    this.#detach(endpoint);
    conference.removeEndpoint(endpoint, nowMs);
    this.#context.logger.info('endpoint.expired', {
      meetingId: conference.meetingId,
      endpointId: endpoint.id,
      reason,
    });
  }

  endpointConnected(endpoint: Endpoint, nowMs: number): void {
    endpoint.isConnected = true;
    this.#context.totals.endpointsConnected++;
    for (const projection of endpoint.wanted) {
      requestKeyframeIfNeeded(projection, this.#context.keyframes, nowMs);
    }
    this.#context.logger.info('endpoint.connected', {
      meetingId: endpoint.conference.meetingId,
      endpointId: endpoint.id,
      afterMs: Math.round(nowMs - endpoint.createdMs),
    });
  }

  endpointFailed(endpoint: Endpoint, reason: string): void {
    this.#failed.push({ endpoint, reason });
  }

  /** At the end of every input: endpoints that failed meanwhile go, and the focus is told. */
  expireFailed(nowMs: number): void {
    if (this.#failed.length === 0) return;
    for (const { endpoint, reason } of this.#failed.splice(0)) {
      const { conference } = endpoint;
      if (conference.endpoints.get(endpoint.id) !== endpoint) continue;
      this.removeEndpoint(endpoint, reason, nowMs);
      if (conference.endpoints.size === 0) this.removeConference(conference, nowMs);
      this.#context.outlet.event({
        type: 'endpointExpired',
        meetingId: conference.meetingId,
        endpointId: endpoint.id,
        reason,
      });
    }
  }

  /** The endpoint is no longer reached by anything. */
  #detach(endpoint: Endpoint): void {
    if (this.byPeer[endpoint.transport.peer] === endpoint) {
      this.byPeer[endpoint.transport.peer] = undefined;
    }
    this.#belongings.closeChannel(endpoint);
  }
}
