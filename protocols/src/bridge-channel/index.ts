/** Jitsi's bridge channel: typed JSON messages between a client and the videobridge. */
export { CHANNEL_LIMITS } from './limits.ts';
export type {
  AudioSourceMapping,
  AudioSourcesMap,
  BridgeMessage,
  BridgeVideoType,
  ClientHello,
  ClientMessage,
  ConnectionStats,
  DominantSpeakerEndpointChangeEvent,
  EndpointConnectivityStatusChangeEvent,
  EndpointMessage,
  EndpointStats,
  ForwardedSources,
  JsonObject,
  LastNChangedEvent,
  LastNEndpointsChangeEvent,
  ReceiverAudioSubscription,
  ReceiverVideoConstraint,
  ReceiverVideoConstraints,
  SelectedEndpointsChangedEvent,
  SenderSourceConstraints,
  SenderVideoConstraints,
  ServerHello,
  SourceVideoTypeMessage,
  VideoConstraints,
  VideoSourceMapping,
  VideoSourcesMap,
  VideoTypeMessage,
} from './messages.ts';
export { parseBridgeMessage } from './parse-bridge-message.ts';
export { parseClientMessage } from './parse-client-message.ts';
export type { ChannelParseError, ChannelParseResult } from './parse-result.ts';
export {
  type AddReceiver,
  parseRelayMessage,
  type RelayedVideoType,
  type RelayMessage,
  writeRelayMessage,
} from './relay-messages.ts';
export { writeChannelMessage } from './write.ts';
