/** COLIBRI requests from the focus: conferences and endpoints come, change and go. */
import { randomToken } from '@conclave/base';
import type {
  ColibriErrorReason,
  ColibriResponse,
  ConferenceModified,
  ConferenceModify,
  EndpointModify,
  RelayTransport,
} from '@conclave/protocols/colibri';
import type { BridgeContext } from './bridge-context.ts';
import { Conference } from './conference.ts';
import { Endpoint } from './endpoint.ts';
import type { RelayRequests } from './relay/relay-requests.ts';

const DEFAULT_MAX_CONFERENCES = 2000;
const DEFAULT_MAX_ENDPOINTS = 200;
/** On the whole bridge; packet-io holds 65,536 peers. */
const MAX_ENDPOINTS_IN_ALL = 10_000;
const PASSWORD_LENGTH = 24;

/** What the handler needs of the bridge that owns the conferences. */
export interface ConferenceRegistry {
  find(meetingId: string): Conference | undefined;
  readonly conferenceCount: number;
  addConference(conference: Conference): void;
  removeConference(conference: Conference, nowMs: number): void;
  addEndpoint(endpoint: Endpoint): void;
  removeEndpoint(endpoint: Endpoint, reason: string, nowMs: number): void;
  /** ICE or DTLS of an endpoint failed. */
  endpointFailed(endpoint: Endpoint, reason: string): void;
  endpointConnected(endpoint: Endpoint, nowMs: number): void;
  /** Its client may open the bridge channel as a data channel. */
  addDataChannel(endpoint: Endpoint, nowMs: number): void;
}

class Refusal extends Error {
  readonly reason: ColibriErrorReason;

  constructor(reason: ColibriErrorReason, text: string) {
    super(text);
    this.reason = reason;
  }
}

export class ColibriHandler {
  readonly #context: BridgeContext;
  readonly #registry: ConferenceRegistry;
  readonly #relays: RelayRequests;

  constructor(context: BridgeContext, registry: ConferenceRegistry, relays: RelayRequests) {
    this.#context = context;
    this.#registry = registry;
    this.#relays = relays;
  }

  /** Always answers. What a refused request had done before the refusal stays done. */
  handle(message: ConferenceModify, nowMs: number): ColibriResponse {
    try {
      return { type: 'modified', result: this.#modify(message, nowMs) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#context.logger.warn('colibri.refused', {
        meetingId: message.meetingId,
        reason: error.reason,
        text: error.message,
      });
      return { type: 'error', reason: error.reason, text: error.message };
    }
  }

  #modify(message: ConferenceModify, nowMs: number): ConferenceModified {
    const { meetingId } = message;
    let conference = this.#registry.find(meetingId);
    if (message.expire) {
      if (conference !== undefined) this.#registry.removeConference(conference, nowMs);
      return { endpoints: [] };
    }
    if (message.create) {
      if (conference !== undefined) {
        throw new Refusal('conference_already_exists', `conference ${meetingId} exists`);
      }
      conference = this.#createConference(message, nowMs);
    }
    if (conference === undefined) {
      throw new Refusal('conference_not_found', `there is no conference ${meetingId}`);
    }
    const endpoints: { id: string; transport?: NonNullable<EndpointModify['transport']> }[] = [];
    const relays: { id: string; transport: RelayTransport }[] = [];
    const wasEmpty = conference.endpoints.size === 0;
    try {
      for (const change of message.endpoints ?? []) {
        const transport = this.#modifyEndpoint(conference, change, nowMs);
        endpoints.push({ id: change.id, ...(transport && { transport }) });
      }
      for (const change of message.relays ?? []) {
        const outcome = this.#relays.modify(conference, change, nowMs);
        if ('refusal' in outcome) throw new Refusal('bad_request', outcome.refusal);
        if (outcome.created) relays.push({ id: change.id, transport: outcome.created });
      }
    } finally {
      // Only at the end: one request may expire the last endpoint and create another.
      if (!wasEmpty && conference.endpoints.size === 0) {
        this.#registry.removeConference(conference, nowMs);
      }
    }
    return {
      endpoints,
      ...(relays.length > 0 && { relays }),
      ...(message.create && {
        feedbackSources: {
          audioSsrc: conference.feedbackAudioSsrc,
          videoSsrc: conference.feedbackVideoSsrc,
        },
      }),
    };
  }

  #createConference(message: ConferenceModify, nowMs: number): Conference {
    const max = this.#context.options.limits?.maxConferences ?? DEFAULT_MAX_CONFERENCES;
    if (this.#registry.conferenceCount >= max) {
      throw new Refusal('bad_request', `the bridge has ${max} conferences already`);
    }
    const conference = new Conference(
      this.#context,
      message.meetingId,
      message.name ?? message.meetingId,
      nowMs,
    );
    this.#registry.addConference(conference);
    return conference;
  }

  /** The bridge's transport when the endpoint was created, or ICE restarted. */
  #modifyEndpoint(
    conference: Conference,
    change: EndpointModify,
    nowMs: number,
  ): EndpointModify['transport'] {
    const known = conference.endpoints.get(change.id);
    if (change.expire) {
      if (known !== undefined) this.#registry.removeEndpoint(known, 'expired by the focus', nowMs);
      return undefined;
    }
    if (change.create && known !== undefined) {
      throw new Refusal('endpoint_already_exists', `endpoint ${change.id} exists`);
    }
    // It may have been on another bridge before.
    for (const { endpoints } of change.create ? conference.relays.values() : []) {
      const remote = endpoints.get(change.id);
      if (remote !== undefined) conference.removeRemote(remote, nowMs);
    }
    const endpoint = change.create ? this.#createEndpoint(conference, change, nowMs) : known;
    if (endpoint === undefined) {
      throw new Refusal('unknown_endpoint', `there is no endpoint ${change.id}`);
    }
    if (change.transport !== undefined) endpoint.transport.setRemote(change.transport, nowMs);
    if (change.forceMute !== undefined) {
      endpoint.isAudioForceMuted = change.forceMute.audio;
      endpoint.isVideoForceMuted = change.forceMute.video;
      conference.allocateSoon(nowMs);
    }
    if (change.sources !== undefined) {
      const refusal = conference.setSources(endpoint, change.sources, nowMs);
      if (refusal !== undefined) throw new Refusal('bad_request', refusal);
    }
    if (change.iceRestart) endpoint.transport.restartIce(nowMs);
    if (!change.create && !change.iceRestart) return undefined;
    return endpoint.transport.describe(this.#channelUrl(endpoint));
  }

  #createEndpoint(conference: Conference, change: EndpointModify, nowMs: number): Endpoint {
    const max = this.#context.options.limits?.maxEndpointsPerConference ?? DEFAULT_MAX_ENDPOINTS;
    if (conference.endpoints.size >= max) {
      throw new Refusal('bad_request', `the conference has ${max} endpoints already`);
    }
    if (this.#context.ice.size >= MAX_ENDPOINTS_IN_ALL) {
      throw new Refusal('bad_request', `the bridge has ${MAX_ENDPOINTS_IN_ALL} endpoints already`);
    }
    if (change.media === undefined) {
      throw new Refusal('bad_request', `endpoint ${change.id} is created without media`);
    }
    const endpoint: Endpoint = new Endpoint(
      this.#context,
      conference,
      {
        id: change.id,
        statsId: change.statsId ?? change.id,
        media: change.media,
        initialLastN: change.initialLastN ?? -1,
        ssrcRewriting: change.ssrcRewriting ?? false,
        midDemux: change.midDemux ?? false,
        isVisitor: change.visitor ?? false,
        channelPassword: randomToken(this.#context.random, PASSWORD_LENGTH),
      },
      {
        dtlsConnected: (connectedMs) => this.#registry.endpointConnected(endpoint, connectedMs),
        failed: (reason) => this.#registry.endpointFailed(endpoint, reason),
      },
      nowMs,
    );
    this.#registry.addEndpoint(endpoint);
    if (change.sctp === true) this.#registry.addDataChannel(endpoint, nowMs);
    conference.addEndpoint(endpoint, nowMs);
    return endpoint;
  }

  /** Where this endpoint's bridge channel is. */
  #channelUrl({ conference, id, channelPassword }: Endpoint): string {
    const { channelBaseUrl, bridgeId = 'jvb' } = this.#context.options;
    const path = [bridgeId, conference.meetingId, id].map(encodeURIComponent).join('/');
    return `${channelBaseUrl}${path}?pwd=${channelPassword}`;
  }
}
