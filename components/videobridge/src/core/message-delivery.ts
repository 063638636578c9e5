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

/** To everybody with a channel but `except`. */
export function tellAll(
  conference: Conference,
  text: string,
  outlet: BridgeOutlet,
  except?: SourceOwner,
): void {
  for (const receiver of conference.endpoints.values()) {
    if (receiver !== except) tell(receiver, text, outlet);
  }
}

/** To whom the message is for: everybody but its sender, or one. */
export function deliverMessage(
  { conference, id }: SourceOwner,
  { to, msgPayload }: EndpointMessage,
  outlet: BridgeOutlet,
): void {
  const text = writeChannelMessage({
    colibriClass: 'EndpointMessage',
    to,
    from: id, // never what the client says
    msgPayload,
  });
  if (to === '') tellAll(conference, text, outlet, conference.endpoints.get(id));
  else {
    const receiver = conference.endpoints.get(to);
    if (receiver !== undefined) tell(receiver, text, outlet);
  }
}

export function deliverStats(
  sender: SourceOwner,
  message: EndpointStats,
  outlet: BridgeOutlet,
): void {
  const { conference } = sender;
  const text = writeChannelMessage({ ...message, from: sender.id });
  const isLarge = conference.endpoints.size > STATS_FOR_ALL_ENDPOINTS;
  const isRecent = conference.recentSpeakers.includes(sender.id);
  for (const receiver of conference.endpoints.values()) {
    if (receiver === sender) continue;
    if (isLarge && !isRecent && !isWatched(sender, receiver)) continue;
    tell(receiver, text, outlet);
  }
}

/** It is before the receiver's eyes: on stage, or its video is wanted, whether or not there is bandwidth or a picture. */
function isWatched(sender: SourceOwner, receiver: Endpoint): boolean {
  const { onStage, selected } = receiver.constraints;
  for (const name of [sender.id, ...sender.sources.map((source) => source.name)]) {
    if (onStage.has(name) || selected.has(name)) return true;
  }
  return receiver.wanted.some(({ source }) => source.owner === sender);
}

function tell({ channelId }: Endpoint, text: string, outlet: BridgeOutlet): void {
  if (channelId !== undefined) outlet.sendOnChannel(channelId, text);
}
