/** What a conference is given, and the states it goes through. */
import type { LocalMedia } from '../media/local-media.ts';
import type { LocalScreen } from '../media/local-screen.ts';
import type { MediaTraits } from '../media/media-traits.ts';
import type { MixAudio } from '../media/outgoing-audio.ts';
import type { Platform } from '../platform/platform.ts';
import type { Connection } from '../xmpp/connection.ts';
import type { ConferenceFailure } from './conference-failure.ts';
import type { FocusSession } from './conference-request.ts';
import type { LobbyVisit } from './lobby-visit.ts';

export interface ConferenceOptions {
  /** As in the address bar. */
  readonly roomName: string;
  /** Instead of the room of that name: a breakout room of it. */
  readonly breakoutJid?: string | undefined;
  readonly mucDomain: string;
  /** Of the server itself, whose components serve the room. */
  readonly domain: string;
  readonly focusAddress: string;
  readonly displayName: string;
  /** What the browser can send and receive, preferred first, in lower case. */
  readonly videoCodecs: readonly string[];
  /** What the browser does differently from others. */
  readonly traits: MediaTraits;
  /** Takes SSRCs of the bridge's, a limited number, where the server offers that. */
  readonly ssrcRewriting: boolean;
  /** We were here a moment ago, and begin as we were, whatever the room wants of newcomers. */
  readonly isReturning?: boolean | undefined;
  /** How the focus knows this browser again. */
  readonly session?: FocusSession | undefined;
}

export interface ConferenceDependencies {
  readonly platform: Platform;
  readonly connection: Connection;
  readonly localMedia: LocalMedia;
  readonly screen: LocalScreen;
  createPeerConnection(): RTCPeerConnection;
  readonly mixAudio: MixAudio;
}

export type ConferenceState =
  | { readonly type: 'idle' }
  | { readonly type: 'joining' }
  /** In the lobby. */
  | { readonly type: 'knocking'; readonly visit: LobbyVisit; readonly waitingForHost: boolean }
  | { readonly type: 'joined' }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly failure: ConferenceFailure };
