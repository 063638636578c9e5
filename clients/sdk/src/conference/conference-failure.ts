/** Why we are not, or no longer, in the room; and how a refused join says so (XEP-0045 §7.2, §9.3). */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { RequestError, requestErrorFrom } from '../xmpp/request-error.ts';
import type { RoomExit } from './room-presence.ts';

export type ConferenceFailure =
  /** Ask for the password and join again; `wasWrong` when one was given. */
  | { readonly type: 'passwordRequired'; readonly wasWrong: boolean }
  | { readonly type: 'roomFull' }
  /** There is a lobby: wait in it with `knock`, or join with the password. */
  | {
      readonly type: 'membersOnly';
      readonly lobbyJid: string;
      /** Nobody can let us in before somebody with an account has come. */
      readonly waitingForHost: boolean;
      readonly passwordWasWrong: boolean;
    }
  /** The lobby wants to know who we are. */
  | { readonly type: 'displayNameRequired' }
  /** A moderator did not let us in. */
  | { readonly type: 'denied' }
  /** The room may only be opened by somebody who has logged in: wait, or log in. */
  | { readonly type: 'authenticationRequired' }
  | { readonly type: 'notAllowed'; readonly text: string }
  | { readonly type: 'nickConflict' }
  | { readonly type: 'requestFailed'; readonly condition: string; readonly text: string }
  | { readonly type: 'kicked'; readonly by: string; readonly reason: string }
  /** `nextJid` is the room to go to, or empty: a breakout room that was closed. */
  | { readonly type: 'destroyed'; readonly reason: string; readonly nextJid: string }
  /** The server ended the conference without saying why; joining again may work. */
  | { readonly type: 'conferenceGone' }
  /** Audio and video could not be connected, several times. */
  | { readonly type: 'mediaFailed' }
  | { readonly type: 'connectionLost'; readonly text: string };

/** @param presence of type `error`, the answer to our join */
export function joinFailureFrom(presence: XmlElement, hadPassword: boolean): ConferenceFailure {
  const { condition, text = '', extra } = requestErrorFrom(presence);
  const says = (name: string) => extra.some((e) => e.name === name && e.ns === NS.jitmeet);
  if (says('displayname-required')) return { type: 'displayNameRequired' };
  switch (condition) {
    case 'not-authorized':
      return { type: 'passwordRequired', wasWrong: hadPassword };
    case 'service-unavailable':
      return { type: 'roomFull' };
    case 'registration-required': {
      const lobbyJid = extra.find(({ name }) => name === 'lobbyroom')?.text ?? '';
      if (lobbyJid === '') return { type: 'notAllowed', text };
      const waitingForHost = says('waiting-for-host');
      return { type: 'membersOnly', lobbyJid, waitingForHost, passwordWasWrong: hadPassword };
    }
    case 'conflict':
      return { type: 'nickConflict' };
    case 'not-allowed':
      if (says('authentication-required')) return { type: 'authenticationRequired' };
      return says('room-does-not-exist')
        ? { type: 'conferenceGone' }
        : { type: 'notAllowed', text };
    default:
      return { type: 'requestFailed', condition, text };
  }
}

/** @param error what became of the conference request */
export function requestFailureFrom(error: unknown): ConferenceFailure {
  if (!(error instanceof RequestError)) {
    return { type: 'requestFailed', condition: 'undefined-condition', text: String(error) };
  }
  const { condition, text = '' } = error;
  if (condition === 'disconnected') return { type: 'connectionLost', text };
  if (condition === 'not-authorized') return { type: 'authenticationRequired' };
  return { type: 'requestFailed', condition, text };
}

/** @param exit how we left the room without wanting to; `nameOf` a participant */
export function exitFailureFrom(
  exit: RoomExit,
  nameOf: (id: string) => string | undefined,
): ConferenceFailure {
  switch (exit.type) {
    case 'kicked':
      return { type: 'kicked', by: nameOf(exit.actorId) ?? '', reason: exit.reason };
    case 'destroyed':
      return exit;
    case 'left':
      return { type: 'conferenceGone' };
    default: {
      const never: never = exit;
      throw never;
    }
  }
}
