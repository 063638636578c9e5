/**
 * What bridges tell each other about a conference that they share, as Jitsi's bridges do over their relays: messages of
 * clients that concern people at the other end, and what receivers there want.
 */
import { readConstraints, readName, readVideoType } from './fields.ts';
import type {
  BridgeVideoType,
  EndpointConnectivityStatusChangeEvent,
  EndpointMessage,
  EndpointStats,
  JsonObject,
  VideoConstraints,
} from './messages.ts';
import { type ChannelParseResult, parseWith } from './parse-result.ts';
import { readEndpointMessage, readEndpointStats } from './relayed.ts';

/** The most that receivers of this bridge want of a source of the other; a later one replaces it. */
export interface AddReceiver {
  readonly colibriClass: 'AddReceiver';
  /** Of the bridge that wants it. */
  readonly bridgeId: string;
  /** Owner of the source. */
  readonly endpointId: string;
  readonly sourceName: string;
  readonly videoConstraints: VideoConstraints;
}

/** What the client said of its source. */
export interface RelayedVideoType {
  readonly colibriClass: 'SourceVideoTypeMessage';
  readonly endpointId: string;
  readonly sourceName: string;
  readonly videoType: BridgeVideoType;
}

export type RelayMessage =
  | AddReceiver
  | RelayedVideoType
  | (EndpointMessage & { readonly from: string })
  | (EndpointStats & { readonly from: string })
  | EndpointConnectivityStatusChangeEvent;

export function writeRelayMessage(message: RelayMessage): string {
  return JSON.stringify(message);
}

/** Never throws. */
export function parseRelayMessage(text: string): ChannelParseResult<RelayMessage> {
  return parseWith(text, readRelayMessage);
}

function readRelayMessage(object: JsonObject): RelayMessage | 'unknown-class' | 'bad-field' {
  switch (object.colibriClass) {
    case 'AddReceiver': {
      const bridgeId = readName(object.bridgeId);
      const endpointId = readName(object.endpointId);
      const sourceName = readName(object.sourceName);
      const videoConstraints = readConstraints(object.videoConstraints);
      if (bridgeId === undefined || endpointId === undefined) return 'bad-field';
      if (sourceName === undefined || videoConstraints === undefined) return 'bad-field';
      return { colibriClass: 'AddReceiver', bridgeId, endpointId, sourceName, videoConstraints };
    }
    case 'SourceVideoTypeMessage': {
      const endpointId = readName(object.endpointId);
      const sourceName = readName(object.sourceName);
      const videoType = readVideoType(object.videoType);
      if (endpointId === undefined || sourceName === undefined) return 'bad-field';
      if (videoType === undefined) return 'bad-field';
      return { colibriClass: 'SourceVideoTypeMessage', endpointId, sourceName, videoType };
    }
    case 'EndpointMessage':
      return withSender(readEndpointMessage(object));
    case 'EndpointStats':
      return withSender(readEndpointStats(object));
    case 'EndpointConnectivityStatusChangeEvent': {
      const endpoint = readName(object.endpoint);
      if (endpoint === undefined) return 'bad-field';
      const active = object.active === 'true' ? 'true' : 'false';
      return { colibriClass: 'EndpointConnectivityStatusChangeEvent', endpoint, active };
    }
    default:
      return 'unknown-class';
  }
}

/** Its bridge says who sent it. */
function withSender<M extends EndpointMessage | EndpointStats>(
  message: M | 'bad-field',
): (M & { readonly from: string }) | 'bad-field' {
  if (message === 'bad-field' || message.from === undefined) return 'bad-field';
  return message as M & { readonly from: string };
}
