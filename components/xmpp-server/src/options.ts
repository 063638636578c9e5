/** Addresses and limits of the XMPP server, with defaults that suit one machine. */

import type { LoginDomain } from './core/login-domain.ts';
import type { RoomStore } from './room-store.ts';

/** One TURN or STUN server for clients (XEP-0215). */
export interface ExternalService {
  readonly type: 'stun' | 'turn' | 'turns';
  readonly host: string;
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  readonly username?: string;
  readonly password?: string;
  /** ISO 8601, when the credentials end. */
  readonly expires?: string;
}

/** An address advertised in disco#info of the domain: `type` is what clients look for (`lobbyrooms` …). */
export interface AdvertisedIdentity {
  readonly category: string;
  readonly type: string;
  readonly name: string;
}

/** Server-assisted parts of Jitsi meetings. */
export const XMPP_FEATURES = [
  'room-metadata',
  'av-moderation',
  'lobby',
  'wait-for-host',
  'visitors',
  'breakout-rooms',
  'end-conference',
  'speaker-stats',
  'conference-duration',
  'polls',
] as const;

export type XmppFeature = (typeof XMPP_FEATURES)[number];

/**
 * Bounds on what one client can cost. Rates are token buckets: `burst` at once, then `PerSecond`.
 * What exceeds a rate is delayed, not refused, until the backlog is full: clients do not cope with
 * lost stanzas, and a normal join is some ten iqs and four presences within a second.
 */
export interface XmppLimits {
  /** Characters of one frame. */
  readonly maxFrameLength: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxAttributes: number;
  /** Characters of a presence that a room keeps and repeats to every joiner. */
  readonly maxPresenceLength: number;
  /** Characters of a message that a room multiplies. */
  readonly maxGroupchatLength: number;
  /** An iq counts 1, a message 2, a presence 3. */
  readonly stanzasPerSecond: number;
  readonly stanzaBurst: number;
  /** Characters. */
  readonly charactersPerSecond: number;
  readonly characterBurst: number;
  /** Frames waiting for their turn before the stream is closed. */
  readonly maxBacklogFrames: number;
  readonly maxBacklogCharacters: number;
  /** Frames before a session exists. */
  readonly maxLoginFrames: number;
  /** From one address, twice as many at once; 0 is no limit. Further ones wait their turn. */
  readonly loginsPerSecond: number;
  /** Logins whose answer is still awaited, over all connections. */
  readonly maxPendingLogins: number;
  /** How long the answer to a login may take. */
  readonly authenticateTimeoutMs: number;
  /** From the connection until authentication. */
  readonly loginTimeoutMs: number;
  /** From authentication until a resource is bound or a session resumed. */
  readonly bindTimeoutMs: number;
  /** Stanzas sent and not acknowledged by a client with stream management. */
  readonly maxUnackedStanzas: number;
  readonly maxUnackedCharacters: number;
  /** Bytes in the socket's buffer, when the transport tells. */
  readonly maxBufferedBytes: number;
  readonly maxStreams: number;
  readonly maxStreamsPerAddress: number;
  readonly maxRoomsPerSession: number;
  /** People in a room; occupants of owner domains do not count. */
  readonly maxOccupants: number;
  /** Members, owners, bans … of a room; who was let in once and is away makes room for others. */
  readonly maxAffiliations: number;
  /** With the feature `visitors`: those who come when there are so many look on … */
  readonly maxParticipants: number;
  /** … and so many may. */
  readonly maxVisitors: number;
  /** Joins of one room waiting for its focus. */
  readonly maxWaitingJoins: number;
}

export interface XmppServerOptions {
  readonly domain: string;
  /** Where clients log in, and how: `domain` and perhaps one for guests. */
  readonly loginDomains: readonly LoginDomain[];
  readonly mucDomain: string;
  /** Bare JID of the focus; rooms open to others when it is in. */
  readonly focusJid: string;
  /** Domains of trusted services: they create rooms and are owner in each. */
  readonly ownerDomains: readonly string[];
  /** Whether a client's nick must be the first eight digits of its name. */
  readonly strictNick: boolean;
  readonly identities: readonly AdvertisedIdentity[];
  /** Those that are on. */
  readonly features: readonly XmppFeature[];
  /** Whether clients of Jitsi (those that name a room) are told what there is before they ask. */
  readonly greetsClients: boolean;
  /** Asked for each query, so that credentials can be fresh. */
  readonly externalServices: () => readonly ExternalService[];
  /** How long a session without a connection may be resumed (XEP-0198 `max`). */
  readonly hibernationMs: number;
  /** Unacknowledged stanzas after which an acknowledgement is requested. */
  readonly ackRequestEvery: number;
  /** A client silent for this long is asked for a sign of life. */
  readonly silenceProbeMs: number;
  /** And disconnected when none comes. */
  readonly silenceGraceMs: number;
  /** How long a join waits for the focus. */
  readonly focusWaitMs: number;
  /** Whether `loginsPerSecond` does not concern an address. */
  readonly mayHurry: (address: string) => boolean;
  /** Bans of guests count for their network address too. */
  readonly bansAddresses: boolean;
  /** Absent: no room is kept between meetings. */
  readonly roomStore: RoomStore | undefined;
  /** Owners of a room who may have it kept: none (the administrator of the server does), those who logged in, or all. */
  readonly whoKeepsRooms: 'nobody' | 'authenticated' | 'owners';
  /** Messages repeated to joiners; 0 keeps none. */
  readonly historyLength: number;
  readonly limits: XmppLimits;
}

export const DEFAULT_XMPP_LIMITS: XmppLimits = {
  maxFrameLength: 262_144,
  maxDepth: 32,
  maxElements: 8_192,
  maxAttributes: 64,
  maxPresenceLength: 32_768,
  maxGroupchatLength: 65_536,
  stanzasPerSecond: 30,
  stanzaBurst: 150,
  charactersPerSecond: 131_072,
  characterBurst: 1_048_576,
  maxBacklogFrames: 500,
  maxBacklogCharacters: 1_048_576,
  maxLoginFrames: 16,
  loginsPerSecond: 0,
  maxPendingLogins: 1_000,
  authenticateTimeoutMs: 8_000,
  loginTimeoutMs: 10_000,
  bindTimeoutMs: 10_000,
  maxUnackedStanzas: 5_000,
  maxUnackedCharacters: 8_388_608,
  maxBufferedBytes: 8_388_608,
  maxStreams: 50_000,
  maxStreamsPerAddress: 2_000,
  maxRoomsPerSession: 20,
  maxOccupants: 500,
  maxAffiliations: 10_000,
  maxParticipants: 500,
  maxVisitors: 250,
  maxWaitingJoins: 500,
};

export const DEFAULT_XMPP_OPTIONS: XmppServerOptions = {
  domain: 'meet.jitsi',
  loginDomains: [{ domain: 'meet.jitsi', anonymous: 'everybody', passwords: [] }],
  mucDomain: 'muc.meet.jitsi',
  focusJid: 'focus@auth.meet.jitsi',
  ownerDomains: ['auth.meet.jitsi'],
  strictNick: true,
  identities: [],
  features: XMPP_FEATURES.filter(
    (name) => !['wait-for-host', 'visitors', 'conference-duration'].includes(name),
  ),
  greetsClients: false,
  externalServices: () => [],
  hibernationMs: 60_000,
  ackRequestEvery: 5,
  silenceProbeMs: 45_000,
  silenceGraceMs: 20_000,
  focusWaitMs: 15_000,
  roomStore: undefined,
  mayHurry: () => false,
  bansAddresses: false,
  whoKeepsRooms: 'authenticated',
  historyLength: 0,
  limits: DEFAULT_XMPP_LIMITS,
};
