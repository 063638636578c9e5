/** What a presence in the room means to us (XEP-0045 §7, §9-10). */
import type { XmlElement } from '@conclave/protocols/xml';
import { type MucUser, mucUserFromXml, NS, resourceOf } from '@conclave/protocols/xmpp';
import { type Participant, participantFromPresence } from './participant.ts';
import { type Permissions, permissionsFromPresence } from './permissions.ts';
import { FOCUS_NICK } from './room-context.ts';

export type RoomPresence =
  /** Our join was refused. */
  | { readonly type: 'refused' }
  | { readonly type: 'focus'; readonly bridgeAvailable: boolean; readonly visitorCount: number }
  | {
      readonly type: 'self';
      readonly participant: Participant;
      readonly permissions: Permissions;
    }
  | { readonly type: 'participant'; readonly participant: Participant }
  | { readonly type: 'focusLeft' }
  | { readonly type: 'participantLeft'; readonly id: string }
  /** We are no longer in the room. */
  | { readonly type: 'selfLeft'; readonly reason: RoomExit };

export type RoomExit =
  | { readonly type: 'left' }
  | { readonly type: 'kicked'; readonly actorId: string; readonly reason: string }
  | { readonly type: 'destroyed'; readonly reason: string; readonly nextJid: string };

/**
 * @param stanza from the room, or an occupant of it
 * @param focusJid bare JID of the focus; the nickname alone proves nothing
 * @returns undefined for what means nothing
 */
export function readRoomPresence(
  stanza: XmlElement,
  ownId: string,
  focusJid: string,
): RoomPresence | undefined {
  const nick = resourceOf(stanza.attribute('from') ?? '');
  const type = stanza.attribute('type');
  if (type === 'error') return { type: 'refused' };
  const user = mucUserFromXml(stanza);
  if (type === 'unavailable') {
    if (nick === ownId || user?.statusCodes.includes(110) === true) {
      return { type: 'selfLeft', reason: exitFrom(user) };
    }
    // Somebody moves between kinds of membership and is not gone.
    if (stanza.child('ignore') !== undefined) return undefined;
    return nick === FOCUS_NICK ? { type: 'focusLeft' } : { type: 'participantLeft', id: nick };
  }
  if (type !== undefined || nick === '') return undefined;
  if (nick === FOCUS_NICK && focusJid !== '' && user?.item?.jid?.startsWith(`${focusJid}/`)) {
    const bridgeAvailable = stanza.child('bridgeNotAvailable', NS.focus) === undefined;
    return { type: 'focus', bridgeAvailable, visitorCount: visitorCountFrom(stanza) };
  }
  const participant = participantFromPresence(nick, stanza);
  if (nick !== ownId) return { type: 'participant', participant };
  return { type: 'self', participant, permissions: permissionsFromPresence(stanza) };
}

/** How many look on, among the properties of the conference. */
function visitorCountFrom(stanza: XmlElement): number {
  const properties = stanza.child('conference-properties', NS.focus);
  for (const property of properties?.elements() ?? []) {
    if (property.attribute('key') !== 'visitor-count') continue;
    const count = Number(property.attribute('value'));
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  }
  return 0;
}

function exitFrom(user: MucUser | undefined): RoomExit {
  if (user?.destroy !== undefined) {
    const { reason = '', jid = '' } = user.destroy;
    // COMPAT: where there is no other room the server writes something that is no address.
    return { type: 'destroyed', reason, nextJid: jid.includes('@') ? jid : '' };
  }
  if (user?.statusCodes.includes(307) !== true) return { type: 'left' };
  const { actorNick = '', reason = '' } = user.item ?? {};
  return { type: 'kicked', actorId: actorNick, reason };
}
