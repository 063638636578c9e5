/**
 * Control messages between the focus and a videobridge: the vocabulary and semantics of Jitsi's
 * COLIBRI2 (`jitsi:colibri2`) as plain, structured-cloneable objects. One request, one response.
 */

export type MediaType = 'audio' | 'video';

export interface RtcpFeedback {
  readonly type: string;
  readonly subtype?: string;
}

/** RFC 8851-independent: what one `payload-type` of Jingle says. */
export interface PayloadType {
  /** 0..127 */
  readonly id: number;
  readonly name: string;
  readonly clockRateHz: number;
  readonly channels?: number;
  /** `fmtp` parameters; a parameter without a name has the key `''` (RED). */
  readonly parameters: Readonly<Record<string, string>>;
  readonly rtcpFeedback: readonly RtcpFeedback[];
}

export interface HeaderExtension {
  /** 1..14 for one-byte headers (RFC 8285). */
  readonly id: number;
  readonly uri: string;
}

export interface MediaDescription {
  readonly type: MediaType;
  readonly payloadTypes: readonly PayloadType[];
  readonly headerExtensions: readonly HeaderExtension[];
}

export interface DtlsFingerprint {
  /** `sha-256` … */
  readonly hash: string;
  /** Upper-case hex pairs with colons. */
  readonly value: string;
  readonly setup: 'actpass' | 'active' | 'passive';
}

export interface IceCandidate {
  readonly foundation: string;
  readonly component: number;
  readonly protocol: 'udp' | 'tcp';
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  readonly tcpType?: string;
  readonly generation?: number;
}

export interface IceTransport {
  readonly ufrag: string;
  readonly password: string;
  readonly candidates: readonly IceCandidate[];
  readonly fingerprints: readonly DtlsFingerprint[];
  /** Bridge channel over WebSocket; only from the bridge. Absolute `wss:` URL. */
  readonly webSocketUrl?: string;
  /** In-place ICE restart: the round these credentials belong to, 1 and up; absent in the first. */
  readonly iceGeneration?: number;
}

export type SsrcGroupSemantics = 'SIM' | 'FID';

export interface SsrcGroup {
  readonly semantics: SsrcGroupSemantics;
  readonly ssrcs: readonly number[];
}

/** One microphone, camera or screen share of an endpoint. */
export interface MediaSource {
  readonly type: MediaType;
  /** Source name, `<endpoint>-a0` or `<endpoint>-v0`. */
  readonly name: string;
  readonly videoType?: 'camera' | 'desktop';
  /** All SSRCs, primary and RTX. */
  readonly ssrcs: readonly number[];
  readonly groups: readonly SsrcGroup[];
}

export interface EndpointModify {
  readonly id: string;
  /** Creates the endpoint; `media` is then required. An existing id is a conflict. */
  readonly create?: boolean;
  readonly expire?: boolean;
  /** Display label for logs. */
  readonly statsId?: string;
  readonly media?: readonly MediaDescription[];
  /** The other side's transport (client's answer). */
  readonly transport?: IceTransport;
  /** New ICE credentials beside the present ones; the response has the bridge's transport with its `iceGeneration`. */
  readonly iceRestart?: boolean;
  /** The complete new list, never a delta; absent means unchanged. */
  readonly sources?: readonly MediaSource[];
  readonly forceMute?: { readonly audio: boolean; readonly video: boolean };
  readonly initialLastN?: number;
  /** With `create`: the endpoint is sent SSRCs of the bridge's, announced on its channel (COLIBRI2's capability `ssrc-rewriting`). */
  readonly ssrcRewriting?: boolean;
  /** With `create` and `ssrcRewriting`: packets say by their MID which line they are for (COLIBRI2's `rtp-mid-demux-support`). */
  readonly midDemux?: boolean;
  /** With `create`: it looks on. What it says on its channel goes to nobody, and nobody is told how its connection is. */
  readonly visitor?: boolean;
  /** With `create`: the client may open the bridge channel as an SCTP data channel (COLIBRI2's `sctp`). */
  readonly sctp?: boolean;
}

/**
 * One end of a relay, told to the other. In COLIBRI2 an ICE transport; between bridges of one process there is nothing to
 * connect to, only to find.
 */
export interface RelayTransport {
  /** The bridge of this end, and the conference there. */
  readonly bridgeId: string;
  readonly meetingId: string;
  /** As packet-io's `RelayEnd`. */
  readonly end: { readonly station: number; readonly peer: number; readonly id: number };
}

/** An endpoint of the bridge at the other end. Created when it is not known yet. */
export interface RelayedEndpoint {
  readonly id: string;
  readonly expire?: boolean;
  /** The complete new list, never a delta; absent means unchanged. */
  readonly sources?: readonly MediaSource[];
  readonly forceMute?: { readonly audio: boolean; readonly video: boolean };
}

/** COLIBRI2's `relay`: the way of a conference to another bridge that it is on. */
export interface RelayModify {
  /** Of the other bridge. */
  readonly id: string;
  /** `media` is then required: all that its endpoints may have negotiated. */
  readonly create?: boolean;
  readonly expire?: boolean;
  readonly media?: readonly MediaDescription[];
  /** The other end's. */
  readonly transport?: RelayTransport;
  readonly endpoints?: readonly RelayedEndpoint[];
}

export interface ConferenceModify {
  readonly meetingId: string;
  /** Room JID, for logs. */
  readonly name?: string;
  readonly create?: boolean;
  readonly expire?: boolean;
  readonly endpoints?: readonly EndpointModify[];
  readonly relays?: readonly RelayModify[];
}

export interface ConferenceModified {
  readonly endpoints: readonly { readonly id: string; readonly transport?: IceTransport }[];
  /** Those that were created. */
  readonly relays?: readonly { readonly id: string; readonly transport: RelayTransport }[];
  /** SSRCs the bridge itself sends RTCP and padding with; present on create. */
  readonly feedbackSources?: { readonly audioSsrc: number; readonly videoSsrc: number };
}

/** As COLIBRI2's `<error reason=…/>`; what the focus does for each is in docs/protocol notes. */
export type ColibriErrorReason =
  | 'conference_not_found'
  | 'conference_already_exists'
  | 'endpoint_already_exists'
  | 'unknown_endpoint'
  | 'graceful_shutdown'
  | 'bad_request'
  | 'timeout'
  | 'bridge_failed';

export type ColibriResponse =
  | { readonly type: 'modified'; readonly result: ConferenceModified }
  | { readonly type: 'error'; readonly reason: ColibriErrorReason; readonly text: string };

/** Unasked news from the bridge. */
export type ColibriEvent =
  | {
      readonly type: 'endpointExpired';
      readonly meetingId: string;
      readonly endpointId: string;
      readonly reason: string;
    }
  | { readonly type: 'conferenceFailed'; readonly meetingId: string; readonly reason: string };

/** A bridge as the focus sees it when it chooses one. */
export interface BridgeStatus {
  readonly id: string;
  /** False while it is known to be down. */
  readonly isOperational: boolean;
  /** Load by what is bearable: 1 and above is overload. */
  readonly stress: number;
}

/** The bridges there are, and the way to them. */
export interface BridgePool {
  bridges(): readonly BridgeStatus[];
  /** Never rejects: a dead bridge answers `bridge_failed`. */
  request(bridgeId: string, message: ConferenceModify): Promise<ColibriResponse>;
}
