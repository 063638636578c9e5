/** What bridges tell each other over relays beside packets; see `RelayMessage`. */
import {
  parseRelayMessage,
  type RelayMessage,
  writeChannelMessage,
  writeRelayMessage,
} from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from '../bridge-context.ts';
import type { BridgeOutlet } from '../bridge-outlet.ts';
import type { Conference } from '../conference.ts';
import { connectivityMessage, interruptedHere } from '../connectivity-status.ts';
import { deliver, tellAll } from '../message-delivery.ts';
import { announceSenderConstraints } from '../sender-constraints.ts';
import { setVideoType } from '../video-type.ts';
import type { Relay } from './relay.ts';

export class RelayChannel {
  readonly #context: Pick<BridgeContext, 'outlet' | 'counters'>;

  constructor(context: Pick<BridgeContext, 'outlet' | 'counters'>) {
    this.#context = context;
  }

  /** Both ends are known: what was said before, and what receivers here want, is told. */
  open(relay: Relay): void {
    const { outlet } = this.#context;
    for (const { id, videoTypes } of relay.conference.endpoints.values()) {
      for (const [sourceName, videoType] of videoTypes) {
        const message = { colibriClass: 'SourceVideoTypeMessage', endpointId: id } as const;
        tellRelay(relay, { ...message, sourceName, videoType }, outlet);
      }
    }
    for (const endpoint of interruptedHere(relay.conference)) {
      tellRelay(relay, connectivityMessage(endpoint), outlet);
    }
    announceSenderConstraints(relay.conference, outlet);
  }

  /** Bad messages are dropped and counted. */
  handleMessage(relay: Relay, text: string, nowMs: number): void {
    const result = parseRelayMessage(text);
    if (result.type === 'message') this.#obey(relay, result.message, nowMs);
    else this.#context.counters.relayMessagesRefused++;
  }

  #obey(relay: Relay, message: RelayMessage, nowMs: number): void {
    const { conference, endpoints } = relay;
    const { outlet } = this.#context;
    switch (message.colibriClass) {
      case 'AddReceiver': {
        const { endpointId, sourceName, videoConstraints } = message;
        const owner = conference.endpoints.get(endpointId);
        const source = owner?.sources.find(({ name }) => name === sourceName);
        if (source === undefined) return;
        source.wishes.set(relay.bridgeId, videoConstraints.maxHeight);
        conference.wishesChanged();
        return;
      }
      case 'SourceVideoTypeMessage': {
        const owner = endpoints.get(message.endpointId);
        if (owner !== undefined) setVideoType(owner, message.sourceName, message.videoType, nowMs);
        return;
      }
      case 'EndpointMessage':
      case 'EndpointStats': {
        const sender = endpoints.get(message.from);
        // Its own bridge has counted us among those that it tells.
        if (sender !== undefined) deliver(sender, message, outlet);
        return;
      }
      case 'EndpointConnectivityStatusChangeEvent': {
        const endpoint = endpoints.get(message.endpoint);
        if (endpoint === undefined) return;
        endpoint.isInterrupted = message.active === 'false';
        tellAll(conference, writeChannelMessage(message), outlet);
        return;
      }
      default:
        message satisfies never;
    }
  }
}

/**
 * To all other bridges of the conference; what is for one endpoint only to its bridge. Returns how many endpoints they have together.
 */
export function tellRelays(
  conference: Conference,
  message: RelayMessage,
  outlet: BridgeOutlet,
): number {
  let endpoints = 0;
  const to = message.colibriClass === 'EndpointMessage' ? message.to : '';
  for (const relay of conference.relays.values()) {
    if (to !== '' && !relay.endpoints.has(String(to))) continue;
    tellRelay(relay, message, outlet);
    endpoints += relay.endpoints.size;
  }
  return endpoints;
}

function tellRelay({ remote }: Relay, message: RelayMessage, outlet: BridgeOutlet): void {
  if (remote !== undefined) outlet.sendToBridge(remote, writeRelayMessage(message));
}
