/** The subject of a room: moderators set it, joiners get it last (XEP-0045 §7.2.15, §8.1). */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Rooms } from './rooms.ts';

/** Characters. */
const MAX_SUBJECT_LENGTH = 4096;

export function addSubject(rooms: Rooms): void {
  rooms.hooks.preMessage.add(100, ({ room, occupant, stanza }) => {
    const subject = stanza.child('subject', NS.client);
    // With a body it is a message that has a subject, not a change (XEP-0045 §8.1).
    if (subject === undefined || stanza.child('body') !== undefined) return undefined;
    if (stanza.child('thread') !== undefined) return undefined;
    if (!occupant.isModerator) return { condition: 'forbidden' };
    if (subject.text.length > MAX_SUBJECT_LENGTH) return { condition: 'not-acceptable' };
    room.subject = { text: subject.text, from: occupant.occupantJid };
    return undefined;
  });

  rooms.hooks.occupantJoined.add(900, ({ room, occupant }) => {
    // Always sent, empty when there is none: it ends the join for clients (XEP-0045 §7.2.15).
    const { text, from } = room.subject ?? { text: '', from: room.jid.bare };
    const subject = xml('subject', NS.client, {}, text === '' ? undefined : text);
    occupant.recipient.deliver(
      new PreparedStanza(xml('message', NS.client, { type: 'groupchat', from }, subject)),
    );
    return undefined;
  });
}
