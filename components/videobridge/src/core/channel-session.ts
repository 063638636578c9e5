/** The bridge channel of an endpoint: what is said on open, and what the client's messages do. */
import {
  type BridgeVideoType,
  type ClientMessage,
  parseClientMessage,
  writeChannelMessage,
} from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import { connectivityMessage, interruptedEndpoints } from './connectivity-status.ts';
import type { Endpoint } from './endpoint.ts';
import { countFanOut, mayFanOut } from './fan-out.ts';
import { deliver } from './message-delivery.ts';
import { tellRelays } from './relay/relay-channel.ts';
import { repeatSenderConstraints } from './sender-constraints.ts';
import { announceForwardedSources } from './video-allocation.ts';
import { setVideoType } from './video-type.ts';
import { subscribeToAudio } from './voice-wiring.ts';

/** A message of so many characters costs as much as that many messages. */
const CHARACTERS_PER_TOKEN = 4096;

export class ChannelSession {
  readonly #context: Pick<BridgeContext, 'outlet' | 'maps' | 'counters' | 'logger'>;

  constructor(context: Pick<BridgeContext, 'outlet' | 'maps' | 'counters' | 'logger'>) {
    this.#context = context;
  }

  /** The channel replaces an older one. Everything the client must know is said again. */
  open(endpoint: Endpoint, channelId: number): void {
    const { outlet, maps } = this.#context;
    if (endpoint.channelId !== undefined) outlet.closeChannel(endpoint.channelId, 1000, 'replaced');
    endpoint.channelId = channelId;
    outlet.sendOnChannel(channelId, writeChannelMessage({ colibriClass: 'ServerHello' }));
    repeatSenderConstraints(endpoint, outlet);
    maps.announceAll(endpoint);
    announceForwardedSources(endpoint, outlet);
    const dominant = dominantSpeakerMessage(endpoint.conference);
    if (dominant !== undefined) outlet.sendOnChannel(channelId, dominant);
    for (const other of interruptedEndpoints(endpoint.conference)) {
      if (other === endpoint) continue;
      outlet.sendOnChannel(channelId, writeChannelMessage(connectivityMessage(other)));
    }
  }

  /** Bad messages are dropped and counted; the channel stays open. */
  handleMessage(endpoint: Endpoint, text: string, nowMs: number): void {
    const { counters } = this.#context;
    const cost = 1 + Math.floor(text.length / CHARACTERS_PER_TOKEN);
    if (!endpoint.channelMessages.tryTake(cost, nowMs)) {
      counters.channelRateLimited++;
      return;
    }
    const result = parseClientMessage(text);
    if (result.type === 'message') this.#obey(endpoint, result.message, text.length, nowMs);
    else if (result.reason === 'unknown-class') counters.channelUnknownClass++;
    else counters.channelRefused++;
  }

  #obey(endpoint: Endpoint, message: ClientMessage, characters: number, nowMs: number): void {
    const { conference } = endpoint;
    const { outlet } = this.#context;
    if (endpoint.constraints.apply(message)) {
      conference.allocateFor(endpoint, nowMs);
      return;
    }
    switch (message.colibriClass) {
      case 'ClientHello':
        this.#send(endpoint, writeChannelMessage({ colibriClass: 'ServerHello' }));
        return;
      case 'SourceVideoTypeMessage':
        this.#setVideoType(endpoint, message.sourceName, message.videoType, nowMs);
        return;
      case 'VideoTypeMessage':
        for (const { type, name } of endpoint.sources) {
          if (type === 'video') this.#setVideoType(endpoint, name, message.videoType, nowMs);
        }
        return;
      case 'EndpointMessage':
      case 'EndpointStats': {
        if (this.#isHushed(endpoint)) return;
        const isForMany = message.colibriClass === 'EndpointStats' || message.to === '';
        if (isForMany && !mayFanOut(endpoint, nowMs)) {
          this.#context.counters.channelFanOutLimited++;
          return;
        }
        const receivers = deliver(endpoint, message, outlet);
        const relays = tellRelays(conference, { ...message, from: endpoint.id }, outlet);
        if (isForMany) countFanOut(endpoint, receivers + relays, characters, nowMs);
        return;
      }
      case 'ReceiverAudioSubscription':
        subscribeToAudio(endpoint, message, this.#context.maps);
        return;
      default: // constraints were applied above
        return;
    }
  }

  #setVideoType(
    endpoint: Endpoint,
    sourceName: string,
    videoType: BridgeVideoType,
    nowMs: number,
  ): void {
    setVideoType(endpoint, sourceName, videoType, nowMs);
    const message = { colibriClass: 'SourceVideoTypeMessage', endpointId: endpoint.id } as const;
    tellRelays(endpoint.conference, { ...message, sourceName, videoType }, this.#context.outlet);
  }

  /** Visitors only look on. */
  #isHushed({ isVisitor }: Endpoint): boolean {
    if (isVisitor) this.#context.counters.channelRefused++;
    return isVisitor;
  }

  #send(receiver: Endpoint, text: string): void {
    if (receiver.channelId !== undefined) {
      this.#context.outlet.sendOnChannel(receiver.channelId, text);
    }
  }
}

/** `DominantSpeakerEndpointChangeEvent` as text; undefined before anybody spoke. */
export function dominantSpeakerMessage(conference: Conference): string | undefined {
  const [dominantSpeakerEndpoint, ...previousSpeakers] = conference.recentSpeakers;
  if (dominantSpeakerEndpoint === undefined) return undefined;
  return writeChannelMessage({
    colibriClass: 'DominantSpeakerEndpointChangeEvent',
    dominantSpeakerEndpoint,
    previousSpeakers,
    silence: false,
  });
}
