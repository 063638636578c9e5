/** COLIBRI requests about relays: they come, learn of their other end and of the endpoints there, and go. */
import type { RelayedEndpoint, RelayModify, RelayTransport } from '@conclave/protocols/colibri';
import type { BridgeContext } from '../bridge-context.ts';
import type { Conference } from '../conference.ts';
import { announceSenderConstraints } from '../sender-constraints.ts';
import { Relay } from './relay.ts';
import type { RelayChannel } from './relay-channel.ts';
import { RemoteEndpoint } from './remote-endpoint.ts';

/** Where packets of relays find them. */
export interface RelayRegistry {
  addRelay(relay: Relay): void;
  removeRelay(relay: Relay): void;
}

export class RelayRequests {
  readonly #context: BridgeContext;
  readonly #registry: RelayRegistry;
  readonly #channel: RelayChannel;

  constructor(context: BridgeContext, registry: RelayRegistry, channel: RelayChannel) {
    this.#context = context;
    this.#registry = registry;
    this.#channel = channel;
  }

  /** Our end of a relay that was created; or why the request is refused. */
  modify(
    conference: Conference,
    change: RelayModify,
    nowMs: number,
  ): { readonly refusal: string } | { readonly created: RelayTransport | undefined } {
    const known = conference.relays.get(change.id);
    if (change.expire === true) {
      if (known !== undefined) this.remove(known, nowMs);
      return { created: undefined };
    }
    if (change.create === true && known !== undefined) this.remove(known, nowMs);
    const relay = change.create === true ? this.#create(conference, change) : known;
    if (relay === undefined) return { refusal: `there is no relay ${change.id}, nor can there be` };
    for (const endpoint of change.endpoints ?? []) {
      const refusal = this.#modifyEndpoint(relay, endpoint, nowMs);
      if (refusal !== undefined) return { refusal };
    }
    if (change.transport !== undefined) this.#connect(relay, change.transport);
    return { created: change.create === true ? relay.transport : undefined };
  }

  remove(relay: Relay, nowMs: number): void {
    const { conference } = relay;
    if (conference.relays.get(relay.bridgeId) !== relay) return;
    for (const endpoint of [...relay.endpoints.values()]) conference.removeRemote(endpoint, nowMs);
    conference.relays.delete(relay.bridgeId);
    this.#registry.removeRelay(relay);
    this.#context.port.removePeer(relay.peer);
    for (const source of conference.sources()) source.wishes.delete(relay.bridgeId);
    announceSenderConstraints(conference, this.#context.outlet);
  }

  /** Undefined when workers have no way to each other. */
  #create(conference: Conference, { id, media = [] }: RelayModify): Relay | undefined {
    const { port, options } = this.#context;
    const peer = port.addPeer();
    const end = port.openRelay(peer);
    if (end === undefined) {
      port.removePeer(peer);
      return undefined;
    }
    const { meetingId } = conference;
    const transport = { bridgeId: options.bridgeId ?? 'jvb', meetingId, end };
    const relay = new Relay(id, conference, this.#context.payloadTables.of(media), peer, transport);
    conference.relays.set(id, relay);
    this.#registry.addRelay(relay);
    return relay;
  }

  #connect(relay: Relay, transport: RelayTransport): void {
    this.#context.port.connectRelay(relay.peer, transport.end);
    relay.remote = transport;
    for (const endpoint of relay.endpoints.values()) endpoint.isConnected = true;
    this.#channel.open(relay);
  }

  #modifyEndpoint(
    relay: Relay,
    { id, expire, sources, forceMute }: RelayedEndpoint,
    nowMs: number,
  ): string | undefined {
    const { conference, endpoints } = relay;
    const known = endpoints.get(id);
    if (expire === true) {
      if (known !== undefined) conference.removeRemote(known, nowMs);
      return undefined;
    }
    if (conference.endpoints.has(id)) return `endpoint ${id} is on this bridge`;
    const endpoint = known ?? new RemoteEndpoint(relay, id);
    endpoints.set(id, endpoint);
    if (forceMute !== undefined) {
      endpoint.isAudioForceMuted = forceMute.audio;
      endpoint.isVideoForceMuted = forceMute.video;
      conference.allocateSoon(nowMs);
    }
    if (sources === undefined) return undefined;
    const refusal = conference.setSources(endpoint, sources, nowMs);
    relay.index(endpoint);
    return refusal;
  }
}
