/** The bridge channel of an endpoint: what is said on open, and what the client's messages do. */
import {
  type ClientMessage,
  type EndpointStats,
  parseClientMessage,
  writeChannelMessage,
} from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { SourceVideoType } from './source.ts';
import { announceForwardedSources, repeatSenderConstraints } from './video-allocation.ts';

/** Above this many endpoints, statistics go only to those who may look at them. */
const STATS_FOR_ALL_ENDPOINTS = 20;
/** Remembered video types of sources not signalled yet. */
const MAX_VIDEO_TYPES = 20;
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
    if (result.type === 'message') this.#obey(endpoint, result.message, nowMs);
    else if (result.reason === 'unknown-class') counters.channelUnknownClass++;
    else counters.channelRefused++;
  }

  #obey(endpoint: Endpoint, message: ClientMessage, nowMs: number): void {
    const { conference } = endpoint;
    if (endpoint.constraints.apply(message)) {
      conference.allocateFor(endpoint, nowMs);
      return;
    }
    switch (message.colibriClass) {
      case 'ClientHello':
        this.#send(endpoint, writeChannelMessage({ colibriClass: 'ServerHello' }));
        return;
      case 'SourceVideoTypeMessage':
        setVideoType(endpoint, message.sourceName, message.videoType, nowMs);
        return;
      case 'VideoTypeMessage':
        for (const { type, name } of endpoint.sources) {
          if (type === 'video') setVideoType(endpoint, name, message.videoType, nowMs);
        }
        return;
      case 'EndpointMessage': {
        const { to, msgPayload } = message;
        const text = writeChannelMessage({
          colibriClass: 'EndpointMessage',
          to,
          from: endpoint.id, // never what the client says
          msgPayload,
        });
        if (to !== '') {
          const receiver = conference.endpoints.get(to);
          if (receiver !== undefined) this.#send(receiver, text);
          return;
        }
        for (const receiver of conference.endpoints.values()) {
          if (receiver !== endpoint) this.#send(receiver, text);
        }
        return;
      }
      case 'EndpointStats':
        this.#relayStats(endpoint, message);
        return;
      default: // constraints were applied above; audio subscription is only for translation
        return;
    }
  }

  #relayStats(endpoint: Endpoint, message: EndpointStats): void {
    const { conference } = endpoint;
    const text = writeChannelMessage({ ...message, from: endpoint.id });
    const isLarge = conference.endpoints.size > STATS_FOR_ALL_ENDPOINTS;
    const isRecent = conference.recentSpeakers.includes(endpoint.id);
    for (const receiver of conference.endpoints.values()) {
      if (receiver === endpoint) continue;
      if (isLarge && !isRecent && !isWatched(endpoint, receiver)) continue;
      this.#send(receiver, text);
    }
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

function isWatched(sender: Endpoint, receiver: Endpoint): boolean {
  return receiver.projections.some(
    ({ source, targetIndex }) => source.owner === sender && targetIndex >= 0,
  );
}

function setVideoType(
  endpoint: Endpoint,
  sourceName: string,
  wireType: 'camera' | 'desktop' | 'desktop_high_fps' | 'none',
  nowMs: number,
): void {
  const type: SourceVideoType = wireType === 'desktop_high_fps' ? 'desktop' : wireType;
  if (endpoint.videoTypes.size < MAX_VIDEO_TYPES || endpoint.videoTypes.has(sourceName)) {
    endpoint.videoTypes.set(sourceName, type);
  }
  const source = endpoint.sources.find(
    (candidate) => candidate.type === 'video' && candidate.name === sourceName,
  );
  if (source === undefined || source.videoType === type) return;
  source.videoType = type;
  endpoint.conference.requestAllocation(nowMs);
}
