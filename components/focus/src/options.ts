/** What an operator or a test may change about the focus; the defaults are Jicofo's unless a comment says why not. */

import type { Jid } from '@conclave/protocols/xmpp';
import type { BridgeSelectionOptions } from './core/bridge-selector.ts';
import {
  DEFAULT_CODECS,
  DEFAULT_HEADER_EXTENSIONS,
  type OfferedCodec,
  type OfferedExtension,
} from './core/codecs.ts';
import type { LoadRedistributionOptions } from './core/load-redistributor.ts';
import type { FocusLogins } from './core/login-sessions.ts';

export interface FocusOptions {
  /** Address that answers conference requests. */
  readonly focusAddress: string;
  /** Full JID the focus has as an occupant; its bare form is `focusjid` in the conference reply. */
  readonly focusJid: string;
  /** MUC domains in which conferences may be requested; those of tenants are beside each (`muc.acme.meet.jitsi`). */
  readonly mucDomains: readonly string[];
  /** Component that announces who may unmute. */
  readonly avModerationAddress: string;
  /** Component that announces what is agreed on in a room. */
  readonly metadataAddress: string;
  /** Component that announces breakout rooms, and the domain these are on; conferences may be requested there too. */
  readonly breakoutAddress: string;
  /** Occupants from this domain (recorders) get media but do not count as participants. */
  readonly hiddenDomain: string | undefined;
  /** Shown in the presence of the focus. */
  readonly version: string;
  /** Region of the bridge, shown to users as server region. */
  readonly region: string | undefined;

  /** Who may start conferences; undefined: everybody. The XMPP server does the log-ins. */
  readonly logins: FocusLogins | undefined;
  /** What a participant (a real JID) is told as the URL of its bridge channel, given what the bridge says. */
  readonly channelUrl: (url: string, realJid: Jid) => string;
  /** The first participant becomes owner, and another one when the last owner leaves. */
  readonly autoOwner: boolean;
  /** Whom that may make owner of a room: not those whose login says that they are no moderator. */
  readonly mayBecomeOwner: (realJid: Jid, room: Jid) => boolean;

  /** Whether the login of a participant lets it show a screen. */
  readonly mayShareScreen: (realJid: Jid) => boolean;

  /** The rooms have visitors: clients learn how many. */
  readonly visitors: boolean;
  /** Where clients that know of such a thing are sent when they are to look on; undefined: nowhere. */
  readonly visitorNode:
    | {
        readonly name: string;
        /** Whether this session (its real JID) would come into `room` as a visitor. */
        expects(realJid: Jid, room: Jid): boolean;
      }
    | undefined;

  /** Participants needed before media sessions are set up. */
  readonly minParticipants: number;
  /** A lone participant's media session ends after this time. */
  readonly singleParticipantTimeoutMs: number;
  /** A conference that nobody joins ends after this time; also how long a requester is expected. */
  readonly initialTimeoutMs: number;
  /** Longest wait for the answer to a service discovery request before defaults are assumed. */
  readonly discoveryTimeoutMs: number;
  /** Longest wait for the room to let the focus in. */
  readonly joinTimeoutMs: number;
  readonly bridgeSelection: BridgeSelectionOptions;
  /** Of no use when a conference may not be on several bridges. */
  readonly loadRedistribution: LoadRedistributionOptions;
  /** Clients learn that there is no bridge after it has been away for this time (they reload then). */
  readonly bridgeUnavailableNoticeMs: number;
  /** Wait before an allocation that failed is tried again; doubles up to eight times this. */
  readonly allocationRetryMs: number;

  readonly maxConferences: number;
  /** Characters of the room's node, percent-encoding included. */
  readonly maxRoomNameLength: number;
  /** Conference requests per client: this many at once, and one more per interval. */
  readonly conferenceRequestLimit: RateLimitOptions;
  /**
   * Session restarts per participant. Jicofo wants 5 s between any two; turning end-to-end encryption
   * on and off within that time would then fail the call, so some may come at once here.
   */
  readonly restartLimit: RateLimitOptions;

  /** source-add and source-remove per participant: each makes every other client negotiate. */
  readonly sourceChangeLimit: RateLimitOptions;
  readonly maxSsrcsPerParticipant: number;
  readonly maxGroupsPerParticipant: number;
  /** Participants with an audio (video) source at the same time; undefined for no limit. */
  readonly maxAudioSenders: number | undefined;
  readonly maxVideoSenders: number | undefined;
  /** Compact JSON to clients that can read it. */
  readonly jsonSources: boolean;
  /** Collects source changes for `delayMs` in conferences of at least `participants`; in ascending order. */
  readonly sourceSignalingDelays: readonly SourceSignalingDelay[];

  /** Clients that can may open the bridge channel as an SCTP data channel. */
  readonly sctp: boolean;
  /** Clients that can are sent SSRCs of the bridge's, a limited number, and no sources by Jingle. */
  readonly ssrcRewriting: boolean;
  readonly codecs: readonly OfferedCodec[];
  readonly headerExtensions: readonly OfferedExtension[];
}

export interface SourceSignalingDelay {
  readonly participants: number;
  readonly delayMs: number;
}

export interface RateLimitOptions {
  readonly burst: number;
  readonly intervalMs: number;
}

export const DEFAULT_FOCUS_OPTIONS: FocusOptions = {
  focusAddress: 'focus.meet.jitsi',
  focusJid: 'focus@auth.meet.jitsi/focus',
  mucDomains: ['muc.meet.jitsi'],
  avModerationAddress: 'avmoderation.meet.jitsi',
  metadataAddress: 'metadata.meet.jitsi',
  breakoutAddress: 'breakout.meet.jitsi',
  hiddenDomain: undefined,
  version: '0.1.0',
  region: undefined,
  logins: undefined,
  channelUrl: (url) => url,
  autoOwner: true,
  mayBecomeOwner: () => true,
  mayShareScreen: () => true,
  visitors: false,
  visitorNode: undefined,
  minParticipants: 2,
  singleParticipantTimeoutMs: 20_000,
  initialTimeoutMs: 15_000,
  discoveryTimeoutMs: 2_000,
  joinTimeoutMs: 10_000,
  bridgeUnavailableNoticeMs: 20_000,
  bridgeSelection: {
    maySpan: true,
    overloadStress: 0.8,
    maxEndpointsPerConference: 80,
    endpointStress: 0.01,
  },
  loadRedistribution: {
    isEnabled: false,
    intervalMs: 60_000,
    stressThreshold: 0.9,
    pauseMs: 3 * 60_000,
    endpoints: 10,
  },
  allocationRetryMs: 1_000,
  maxConferences: 10_000,
  maxRoomNameLength: 512,
  conferenceRequestLimit: { burst: 20, intervalMs: 1_000 },
  restartLimit: { burst: 4, intervalMs: 5_000 },
  sourceChangeLimit: { burst: 40, intervalMs: 500 },
  maxSsrcsPerParticipant: 20,
  maxGroupsPerParticipant: 20,
  maxAudioSenders: undefined,
  maxVideoSenders: undefined,
  jsonSources: true,
  sourceSignalingDelays: [
    { participants: 20, delayMs: 200 },
    { participants: 50, delayMs: 500 },
    { participants: 100, delayMs: 1_000 },
  ],
  sctp: false,
  ssrcRewriting: true,
  codecs: DEFAULT_CODECS,
  headerExtensions: DEFAULT_HEADER_EXTENSIONS,
};
