/** An occupant of the room other than the focus, and the state of its media session. */
import type { Affiliation, Jid, Role } from '@conclave/protocols/xmpp';
import { FEATURE } from './features.ts';
import type { RateLimit } from './rate-limit.ts';
import { SourceSignaling } from './source-signaling.ts';

/** A Jingle session with the focus; a participant has one at a time. */
export interface MediaSession {
  readonly sid: string;
  /** Echoed by the client when it asks for a restart. */
  readonly bridgeSessionId: string;
  /** Pending until the client has accepted. */
  state: 'pending' | 'active';
}

/** Session ids of ended sessions that are remembered, to tell late requests from wrong ones. */
const MAX_ENDED_SIDS = 8;

export class Participant {
  /** The nick in the room. */
  readonly endpointId: string;
  readonly occupantJid: string;
  readonly realJid: Jid;
  /** A recorder or the like: gets media, does not count. */
  readonly isHidden: boolean;
  /** Order of joining. */
  readonly number: number;
  readonly restartLimit: RateLimit;
  readonly sourceChangeLimit: RateLimit;
  readonly signaling = new SourceSignaling();
  role: Role = 'none';
  affiliation: Affiliation = 'none';
  /** Display label for logs. */
  statsId: string | undefined;
  /** Undefined until discovered. */
  features: ReadonlySet<string> | undefined;
  session: MediaSession | undefined;
  /** Identifies the allocation under way on the bridge, if any. */
  allocation: object | undefined;
  /** No invitation before this time; Infinity when the client does not want one. */
  inviteAfterMs = 0;
  /** SSRC rewriting: the sources of others are not signalled to it. */
  learnsSourcesFromBridge = false;
  /** What is muted at the bridge. */
  forceMute = { audio: false, video: false };
  /** What of it because a moderator has to allow it first. */
  isBlocked = { audio: false, video: false };
  /** Who joins is to start muted, by the room's policy of that time. */
  readonly startMuted: { readonly audio: boolean; readonly video: boolean };
  /** A restarted session says nothing about starting muted. */
  wasInvited = false;
  readonly #endedSids: string[] = [];

  constructor(init: {
    readonly occupantJid: Jid;
    readonly realJid: Jid;
    readonly isHidden: boolean;
    readonly number: number;
    readonly startMuted: { readonly audio: boolean; readonly video: boolean };
    readonly restartLimit: RateLimit;
    readonly sourceChangeLimit: RateLimit;
  }) {
    this.endpointId = init.occupantJid.resource;
    this.occupantJid = init.occupantJid.full;
    this.realJid = init.realJid;
    this.isHidden = init.isHidden;
    this.number = init.number;
    this.startMuted = init.startMuted;
    this.restartLimit = init.restartLimit;
    this.sourceChangeLimit = init.sourceChangeLimit;
  }

  get isModerator(): boolean {
    return this.role === 'moderator';
  }

  get isActive(): boolean {
    return this.session?.state === 'active';
  }

  has(feature: string): boolean {
    return this.features?.has(feature) ?? false;
  }

  get showsOneVideo(): boolean {
    return !this.has(FEATURE.multipleVideos);
  }

  /** Forgets session and allocation; what the client was told is void. Returns the session that ended. */
  endSession(): MediaSession | undefined {
    const { session } = this;
    if (session !== undefined) {
      this.#endedSids.push(session.sid);
      if (this.#endedSids.length > MAX_ENDED_SIDS) this.#endedSids.shift();
    }
    this.session = undefined;
    this.allocation = undefined;
    this.signaling.reset();
    return session;
  }

  hasEnded(sid: string): boolean {
    return this.#endedSids.includes(sid);
  }
}
