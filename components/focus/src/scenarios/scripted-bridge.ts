/** A bridge that answers like a videobridge, or as the test says, when told to. */
import type {
  ColibriResponse,
  ConferenceModify,
  EndpointModify,
  MediaSource,
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
  #queue: (() => void)[] = [];

  request(
    bridgeId: string,
    message: ConferenceModify,
    onResponse: (response: ColibriResponse) => void,
  ): void {
    this.requests.push(message);
    this.log.push({ bridgeId, ...message });
    this.#queue.push(() => onResponse(this.override?.(message) ?? this.#answer(bridgeId, message)));
  }

  settle(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }

  /** The process dies: what it knew is gone, and its answers never come. */
  fail(): void {
    this.endpoints.clear();
    this.#queue = [];
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
    if (message.expire === true) this.endpoints.clear();
    for (const endpoint of message.endpoints ?? []) {
      if (endpoint.expire === true) this.endpoints.delete(endpoint.id);
      else this.endpoints.set(endpoint.id, { ...this.endpoints.get(endpoint.id), ...endpoint });
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
