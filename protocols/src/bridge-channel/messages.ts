/**
 * The JSON messages of Jitsi's bridge channel, both directions. Each carries its type in
 * `colibriClass`; a side ignores classes it does not know.
 *
 * COMPAT: the forms marked "2021" belong to clients without source names; they still name endpoints.
 */

/** What a receiver accepts of one source. */
export interface VideoConstraints {
  /** Pixels; -1 is unlimited, 0 is "send nothing". */
  readonly maxHeight: number;
  /** Frames per second; -1 is unlimited. */
  readonly maxFrameRate?: number;
}

export type BridgeVideoType = 'camera' | 'desktop' | 'desktop_high_fps' | 'none';

/** An `msgPayload`: any JSON object, opaque to the bridge. */
export type JsonObject = Readonly<Record<string, unknown>>;

// --- Client to bridge ---

export interface ClientHello {
  readonly colibriClass: 'ClientHello';
}

/** Absent fields leave the receiver's earlier value as it is. */
export interface ReceiverVideoConstraints {
  readonly colibriClass: 'ReceiverVideoConstraints';
  /** How many sources to send; -1 is unlimited. */
  readonly lastN?: number;
  readonly selectedSources?: readonly string[];
  readonly onStageSources?: readonly string[];
  /** For sources that are not in `constraints`. */
  readonly defaultConstraints?: VideoConstraints;
  /** By source name; endpoint id in the 2021 form. An object without prototype when parsed. */
  readonly constraints?: Readonly<Record<string, VideoConstraints>>;
  /** Bits per second; -1 is "no assumption". */
  readonly assumedBandwidthBps?: number;
  /** 2021 form of `selectedSources`. */
  readonly selectedEndpoints?: readonly string[];
  /** 2021 form of `onStageSources`. */
  readonly onStageEndpoints?: readonly string[];
}

export interface LastNChangedEvent {
  readonly colibriClass: 'LastNChangedEvent';
  readonly lastN: number;
}

/** 2021. */
export interface SelectedEndpointsChangedEvent {
  readonly colibriClass: 'SelectedEndpointsChangedEvent';
  readonly selectedEndpoints: readonly string[];
}

/** 2021: one limit for every video. */
export interface ReceiverVideoConstraint {
  readonly colibriClass: 'ReceiverVideoConstraint';
  readonly maxFrameHeight: number;
}

/** May come before the source itself is signalled. */
export interface SourceVideoTypeMessage {
  readonly colibriClass: 'SourceVideoTypeMessage';
  readonly sourceName: string;
  readonly videoType: BridgeVideoType;
}

/** 2021: the type of the endpoint's only video. */
export interface VideoTypeMessage {
  readonly colibriClass: 'VideoTypeMessage';
  readonly videoType: BridgeVideoType;
}

export interface ReceiverAudioSubscription {
  readonly colibriClass: 'ReceiverAudioSubscription';
  readonly all: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

// --- Both directions ---

export interface EndpointMessage {
  readonly colibriClass: 'EndpointMessage';
  /** Endpoint id; the empty string means everybody else. */
  readonly to: string;
  /** Set by the bridge; what a client writes here is overwritten. */
  readonly from?: string;
  readonly msgPayload: JsonObject;
}

/** A client's statistics: `colibriClass`, `from` (set by the bridge) and whatever the sender put in. */
export interface EndpointStats {
  readonly colibriClass: 'EndpointStats';
  readonly from?: string;
  readonly [field: string]: unknown;
}

// --- Bridge to client ---

export interface ServerHello {
  readonly colibriClass: 'ServerHello';
  readonly version?: string;
}

/** The largest height anybody wants of a local source; 0 stops it, -1 is unlimited. */
export interface SenderSourceConstraints {
  readonly colibriClass: 'SenderSourceConstraints';
  readonly sourceName: string;
  readonly maxHeight: number;
}

/** 2021 form of `SenderSourceConstraints`: the endpoint's only video. */
export interface SenderVideoConstraints {
  readonly colibriClass: 'SenderVideoConstraints';
  readonly videoConstraints: { readonly idealHeight: number };
}

/** The complete list of video sources that the bridge sends to this client. */
export interface ForwardedSources {
  readonly colibriClass: 'ForwardedSources';
  readonly forwardedSources: readonly string[];
}

/** 2021 form of `ForwardedSources`. */
export interface LastNEndpointsChangeEvent {
  readonly colibriClass: 'LastNEndpointsChangeEvent';
  readonly lastNEndpoints: readonly string[];
}

export interface DominantSpeakerEndpointChangeEvent {
  readonly colibriClass: 'DominantSpeakerEndpointChangeEvent';
  readonly dominantSpeakerEndpoint: string;
  /** Most recent first, without the dominant one; at most 9. */
  readonly previousSpeakers: readonly string[];
  readonly silence: boolean;
}

export interface ConnectionStats {
  readonly colibriClass: 'ConnectionStats';
  /** Bits per second. */
  readonly estimatedDownlinkBandwidth: number;
}

export interface EndpointConnectivityStatusChangeEvent {
  readonly colibriClass: 'EndpointConnectivityStatusChangeEvent';
  readonly endpoint: string;
  /** A string on the wire, not a boolean. */
  readonly active: 'true' | 'false';
}

/** Under which SSRC a source comes to this client from now on. */
export interface AudioSourceMapping {
  /** Source name. */
  readonly source: string;
  /** Endpoint id. */
  readonly owner: string;
  readonly ssrc: number;
  /** Of the line in the session description on which it is received, for clients that tell lines apart by it. */
  readonly mid?: string;
}

export interface VideoSourceMapping extends AudioSourceMapping {
  /** SSRC of retransmissions. */
  readonly rtx: number;
  readonly videoType: 'CAMERA' | 'DESKTOP';
}

/** New and changed mappings only. A mapping lasts until its SSRC is named again. */
export interface AudioSourcesMap {
  readonly colibriClass: 'AudioSourcesMap';
  readonly mappedSources: readonly AudioSourceMapping[];
}

export interface VideoSourcesMap {
  readonly colibriClass: 'VideoSourcesMap';
  readonly mappedSources: readonly VideoSourceMapping[];
}

export type ClientMessage =
  | ClientHello
  | ReceiverVideoConstraints
  | LastNChangedEvent
  | SelectedEndpointsChangedEvent
  | ReceiverVideoConstraint
  | SourceVideoTypeMessage
  | VideoTypeMessage
  | ReceiverAudioSubscription
  | EndpointMessage
  | EndpointStats;

export type BridgeMessage =
  | ServerHello
  | SenderSourceConstraints
  | SenderVideoConstraints
  | ForwardedSources
  | LastNEndpointsChangeEvent
  | DominantSpeakerEndpointChangeEvent
  | ConnectionStats
  | EndpointConnectivityStatusChangeEvent
  | AudioSourcesMap
  | VideoSourcesMap
  | EndpointMessage
  | EndpointStats;
