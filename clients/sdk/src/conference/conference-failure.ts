/** Why we are not, or no longer, in the room; and how a refused join says so (XEP-0045 §7.2, §9.3). */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { requestErrorFrom } from '../xmpp/request-error.ts';

export type ConferenceFailure =
  /** Ask for the password and join again; `wasWrong` when one was given. */
  | { readonly type: 'passwordRequired'; readonly wasWrong: boolean }
  | { readonly type: 'roomFull' }
  | { readonly type: 'membersOnly' }
  | { readonly type: 'notAllowed'; readonly text: string }
  | { readonly type: 'nickConflict' }
  | { readonly type: 'requestFailed'; readonly condition: string; readonly text: string }
  | { readonly type: 'kicked'; readonly by: string; readonly reason: string }
  | { readonly type: 'destroyed'; readonly reason: string }
  /** The server ended the conference without saying why; joining again may work. */
  | { readonly type: 'conferenceGone' }
  /** Audio and video could not be connected, several times. */
  | { readonly type: 'mediaFailed' }
  | { readonly type: 'connectionLost'; readonly text: string };

/** @param presence of type `error`, the answer to our join */
export function joinFailureFrom(presence: XmlElement, hadPassword: boolean): ConferenceFailure {
  const { condition, text = '', extra } = requestErrorFrom(presence);
  switch (condition) {
    case 'not-authorized':
      return { type: 'passwordRequired', wasWrong: hadPassword };
    case 'service-unavailable':
      return { type: 'roomFull' };
    case 'registration-required':
      return { type: 'membersOnly' };
    case 'conflict':
      return { type: 'nickConflict' };
    case 'not-allowed':
      return extra.some(({ name, ns }) => name === 'room-does-not-exist' && ns === NS.jitmeet)
        ? { type: 'conferenceGone' }
        : { type: 'notAllowed', text };
    default:
      return { type: 'requestFailed', condition, text };
  }
}
