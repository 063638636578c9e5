/** A bridge that answers like a videobridge, or as the test says, when told to. */
import type {
  ColibriResponse,
  ConferenceModify,
  EndpointModify,
  MediaSource,
  RelayModify,
} from '@conclave/protocols/colibri';
import type { JingleTransport } from '@conclave/protocols/jingle';
import type { BridgeLink } from '../core/bridge-session.ts';

/** Answers like a videobridge, unless `override` says something else. Responses come on `settle`. */
export class ScriptedBridge implements BridgeLink {
  readonly requests: ConferenceModify[] = [];
  /** The same with the bridge that they were for. */
  readonly log: (ConferenceModify & { readonly bridgeId: string })[] = [];
  readonly endpoints = new Map<string, EndpointModify>();
  /** Returns undefined for the usual answer. */
  override: ((message: ConferenceModify) => ColibriResponse | undefined) | undefined;
  /** Where each endpoint is. */
  readonly #places = new Map<string, string>();
  /** By bridge, then by the bridge at the other end of the relay: endpoints there with their sources. */
  readonly #relayed = new Map<string, Map<string, Map<string, readonly MediaSource[]>>>();
  #queue: { readonly bridgeId: string; readonly answer: () => void }[] = [];

  request(
    bridgeId: string,
    message: ConferenceModify,
    onResponse: (response: ColibriResponse) => void,
  ): void {
    this.requests.push(message);
    this.log.push({ bridgeId, ...message });
    const answer = () => onResponse(this.override?.(message) ?? this.#answer(bridgeId, message));
    this.#queue.push({ bridgeId, answer });
  }

  settle(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.answer();
    }
  }

  /** The bridge dies: what it knew is gone, and its answers never come. */
  fail(bridgeId = 'jvb'): void {
    this.#forget(bridgeId);
    this.#queue = this.#queue.filter((answer) => answer.bridgeId !== bridgeId);
  }

  /** Names of all sources that the bridge of this endpoint knows, by relays too. */
  sourcesKnownTo(endpointId: string): string[] {
    const place = this.#places.get(endpointId) ?? '';
    const own = [...this.endpoints.values()].filter(({ id }) => this.#places.get(id) === place);
    const remote = [...(this.#relayed.get(place)?.values() ?? [])].flatMap((relay) => [
      ...relay.values(),
    ]);
    return [...own.map(({ sources = [] }) => sources), ...remote].flat().map(({ name }) => name);
  }

  #forget(bridgeId: string): void {
    this.#relayed.delete(bridgeId);
    for (const [id, place] of this.#places) {
      if (place !== bridgeId) continue;
      this.#places.delete(id);
      this.endpoints.delete(id);
    }
  }

  #answerRelay(
    bridgeId: string,
    { id: otherId, create, expire, endpoints = [] }: RelayModify,
  ): void {
    const relays = this.#relayed.get(bridgeId) ?? new Map();
    this.#relayed.set(bridgeId, relays);
    if (create) relays.set(otherId, new Map());
    if (expire) relays.delete(otherId);
    for (const { id, sources, expire: isGone } of endpoints) {
      if (isGone) relays.get(otherId)?.delete(id);
      else if (sources) relays.get(otherId)?.set(id, sources);
    }
  }

  /** The last complete list of sources of an endpoint. */
  sourcesOf(id: string): readonly MediaSource[] {
    return this.endpoints.get(id)?.sources ?? [];
  }

  /** All requests about an endpoint. */
  about(id: string): EndpointModify[] {
    return this.requests.flatMap(({ endpoints }) => endpoints ?? []).filter((e) => e.id === id);
  }

  #answer(bridgeId: string, message: ConferenceModify): ColibriResponse {
    if (message.expire === true) this.#forget(bridgeId);
    for (const relay of message.relays ?? []) this.#answerRelay(bridgeId, relay);
    for (const endpoint of message.endpoints ?? []) {
      if (endpoint.expire === true) this.endpoints.delete(endpoint.id);
      else {
        this.endpoints.set(endpoint.id, { ...this.endpoints.get(endpoint.id), ...endpoint });
        this.#places.set(endpoint.id, bridgeId);
      }
    }
    return {
      type: 'modified',
      result: {
        endpoints: (message.endpoints ?? []).map(({ id, iceRestart }) => ({
          id,
          transport: { ...transportFor(id), ...(iceRestart && { iceGeneration: 1 }) },
        })),
        relays: (message.relays ?? [])
          .filter(({ create }) => create === true)
          .map(({ id }) => ({
            id,
            transport: {
              bridgeId,
              meetingId: message.meetingId,
              end: { station: 0, peer: 1, id: 1 },
            },
          })),
        ...(message.create === true && {
          feedbackSources: { audioSsrc: 3_100_000_001, videoSsrc: 3_100_000_002 },
        }),
      },
    };
  }
}

export function transportFor(id: string): JingleTransport {
  return {
    ufrag: `u${id}`,
    password: `p${id}-0123456789012345678901`,
    candidates: [
      {
        foundation: '1',
        component: 1,
        protocol: 'udp',
        priority: 2_130_706_431,
        address: '203.0.113.9',
        port: 10_000,
        type: 'host',
      },
    ],
    fingerprints: [
      {
        hash: 'sha-256',
        value: Array.from({ length: 32 }, () => 'AB').join(':'),
        setup: 'actpass',
      },
    ],
    webSocketUrl: `wss://meet.jitsi/colibri-ws/b1/m/${id}?pwd=x`,
  };
}
