/** Where we are in a visit to a room: each phase has a screen. */
import type { Conference, ConferenceFailure, LobbyVisit } from '@conclave/sdk';

export type RoomFailure =
  | ConferenceFailure
  | { readonly type: 'authentication'; readonly text: string };

export type RoomPhase =
  | { readonly type: 'prejoin' }
  | { readonly type: 'joining' }
  | { readonly type: 'password'; readonly wasWrong: boolean }
  /** At the closed door; without a visit the room wants to know a name first. */
  | {
      readonly type: 'lobby';
      readonly visit: LobbyVisit | undefined;
      readonly passwordWasWrong: boolean;
    }
  /** The room opens when somebody with an account has come. */
  | { readonly type: 'waitingForHost' }
  | { readonly type: 'logIn'; readonly pending: boolean; readonly problem: string | undefined }
  | { readonly type: 'call'; readonly conference: Conference }
  /** On the way to another room of the same meeting. */
  | { readonly type: 'moving' }
  /** The meeting broke off and we are on our way back in. */
  | { readonly type: 'recovering' }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly failure: RoomFailure };
