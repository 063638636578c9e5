/**
 * Jingle as Jitsi uses it (XEP-0166, 0167, 0176, 0293, 0294, 0320, 0338, 0339 and Jitsi's own elements): the typed
 * model that focus and clients share. Codec parameters, transports and groups are those of COLIBRI.
 */
import type {
  HeaderExtension,
  IceTransport,
  MediaType,
  PayloadType,
  RtcpFeedback,
  SsrcGroup,
} from '../colibri/index.ts';

export const JINGLE_ACTIONS = [
  'session-initiate',
  'session-accept',
  'session-info',
  'session-terminate',
  'source-add',
  'source-remove',
  'transport-info',
  'transport-replace',
  'transport-accept',
  'transport-reject',
  'content-modify',
  'content-add',
  'content-remove',
] as const;

export type JingleAction = (typeof JINGLE_ACTIONS)[number];

export type VideoType = 'camera' | 'desktop';

/** Who sends media in a content; `rejected` is Jitsi's way to say port 0. */
export type JingleSenders = 'both' | 'initiator' | 'responder' | 'none' | 'rejected';

/** One `source` element: one SSRC. */
export interface JingleSource {
  /** 0..2^32-1; 0 is valid on the wire and refused by the focus. */
  readonly ssrc: number;
  /** `<endpoint>-a0`, `<endpoint>-v1`; absent from clients before 2022. */
  readonly name?: string;
  readonly videoType?: VideoType;
  /** `<stream id> <track id>`. */
  readonly msid?: string;
  /** `ssrc-info`: an endpoint id, a full occupant JID, or `jvb`. Only from the focus. */
  readonly owner?: string;
}

export interface JingleDescription {
  readonly media: MediaType;
  readonly payloadTypes: readonly PayloadType[];
  readonly headerExtensions: readonly HeaderExtension[];
  /** Feedback for all payload types (`a=rtcp-fb:*`). */
  readonly rtcpFeedback: readonly RtcpFeedback[];
  readonly rtcpMux: boolean;
  readonly extmapAllowMixed: boolean;
  readonly sources: readonly JingleSource[];
  readonly groups: readonly SsrcGroup[];
}

export interface JingleTransport extends IceTransport {
  /** Counts in-place ICE restarts from 1. */
  readonly iceGeneration?: number;
  /** `sctpmap`: the content is a data channel. */
  readonly sctpPort?: number;
}

export interface JingleContent {
  /** `audio`, `video`, `data`; mids in sessions between two clients. */
  readonly name: string;
  readonly creator?: 'initiator' | 'responder';
  readonly senders?: JingleSenders;
  /** Absent in `transport-info`, and in contents that are neither audio nor video. */
  readonly description?: JingleDescription;
  readonly transport?: JingleTransport;
  /** `initial-last-n` of a client's session-accept. */
  readonly initialLastN?: number;
}

/** Names one invitation; echoed by the client when it asks for a restart. */
export interface BridgeSession {
  readonly id: string;
  readonly region?: string;
  /** In session-terminate: the client expects a new session-initiate. */
  readonly restart?: boolean;
  /** In session-info: in-place ICE restart. */
  readonly iceRestart?: boolean;
}

export interface JingleReason {
  /** `success`, `expired`, `connectivity-error` … (XEP-0166 §7.4). */
  readonly condition: string;
  readonly text?: string;
}

/** A source with its media type, as in {@link OwnedSources}. */
export interface SignalledSource {
  readonly type: MediaType;
  readonly ssrc: number;
  readonly name?: string;
  readonly videoType?: VideoType;
  readonly msid?: string;
}

export interface SignalledGroup extends SsrcGroup {
  readonly type: MediaType;
}

/** What one endpoint sends, independent of how it is written (`source` elements or JSON). */
export interface OwnedSources {
  /** Endpoint id or `jvb`; empty when the sender did not say. */
  readonly owner: string;
  readonly sources: readonly SignalledSource[];
  readonly groups: readonly SignalledGroup[];
}

export interface Jingle {
  readonly action: JingleAction;
  readonly sid: string;
  readonly initiator?: string;
  readonly responder?: string;
  readonly contents: readonly JingleContent[];
  /** Content names of the BUNDLE group; empty for no group. */
  readonly bundle: readonly string[];
  readonly reason?: JingleReason;
  readonly bridgeSession?: BridgeSession;
  /** `startmuted`: asks clients before 2022 to join muted; newer ones read the room metadata. */
  readonly startMuted?: { readonly audio: boolean; readonly video: boolean };
  /** `ice-state` of session-info from clients before 2022. */
  readonly iceState?: string;
  /** Sources in the compact form (`json-message`). */
  readonly jsonSources?: readonly OwnedSources[];
}

export type JingleResult =
  | { readonly type: 'jingle'; readonly jingle: Jingle }
  /** Always answered with `bad-request`. */
  | { readonly type: 'error'; readonly reason: string };
