/** Messages of one endpoint, wherever it is, to others on this bridge. */
import {
  type EndpointMessage,
  type EndpointStats,
  writeChannelMessage,
} from '@conclave/protocols/bridge-channel';
import type { BridgeOutlet } from './bridge-outlet.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { SourceOwner } from './source-owner.ts';

/** Above this many endpoints, statistics go only to those who may look at them. */
const STATS_FOR_ALL_ENDPOINTS = 20;

/** To everybody with a channel but `except`. Returns how many that are. */
export function tellAll(
  conference: Conference,
  text: string,
  outlet: BridgeOutlet,
  except?: SourceOwner,
): number {
  let told = 0;
  for (const receiver of conference.endpoints.values()) {
    if (receiver !== except) told += tell(receiver, text, outlet);
  }
  return told;
}

/** To those here whom it is for. Returns how many that are. */
export function deliver(
  sender: SourceOwner,
  message: EndpointMessage | EndpointStats,
  outlet: BridgeOutlet,
): number {
  return message.colibriClass === 'EndpointMessage'
    ? deliverMessage(sender, message, outlet)
    : deliverStats(sender, message, outlet);
}

/** To everybody but its sender, or to one. */
function deliverMessage(
  { conference, id }: SourceOwner,
  { to, msgPayload }: EndpointMessage,
  outlet: BridgeOutlet,
): number {
  const text = writeChannelMessage({
    colibriClass: 'EndpointMessage',
    to,
    from: id, // never what the client says
    msgPayload,
  });
  if (to === '') return tellAll(conference, text, outlet, conference.endpoints.get(id));
  const receiver = conference.endpoints.get(to);
  return receiver === undefined ? 0 : tell(receiver, text, outlet);
}

function deliverStats(sender: SourceOwner, message: EndpointStats, outlet: BridgeOutlet): number {
  const { conference } = sender;
  const text = writeChannelMessage({ ...message, from: sender.id });
  const isLarge = conference.endpoints.size > STATS_FOR_ALL_ENDPOINTS;
  const isRecent = conference.recentSpeakers.includes(sender.id);
  let told = 0;
  for (const receiver of conference.endpoints.values()) {
    if (receiver === sender) continue;
    if (isLarge && !isRecent && !isWatched(sender, receiver)) continue;
    told += tell(receiver, text, outlet);
  }
  return told;
}

/** It is before the receiver's eyes: on stage, or its video is wanted, whether or not there is bandwidth or a picture. */
function isWatched(sender: SourceOwner, receiver: Endpoint): boolean {
  const { onStage, selected } = receiver.constraints;
  for (const name of [sender.id, ...sender.sources.map((source) => source.name)]) {
    if (onStage.has(name) || selected.has(name)) return true;
  }
  return receiver.wanted.some(({ source }) => source.owner === sender);
}

/** Returns 1 if it has a channel, 0 if not. */
function tell({ channelId }: Endpoint, text: string, outlet: BridgeOutlet): 0 | 1 {
  if (channelId === undefined) return 0;
  outlet.sendOnChannel(channelId, text);
  return 1;
}
