/** The last messages of a room, for joiners (XEP-0045 §7.2.13); off unless `historyLength` is set. */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { delayToXml, NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

interface Past {
  readonly message: XmlElement;
}

export function addHistory(rooms: Rooms): void {
  const { core, hooks } = rooms;
  const { historyLength } = core.options;
  if (historyLength === 0) return;
  const pasts = new WeakMap<Room, Past[]>();

  // After every check, so that only what was really said is kept.
  hooks.preMessage.add(10_000, ({ room, occupant, stanza, children }) => {
    if (stanza.child('body') === undefined) return undefined;
    const past = pasts.get(room) ?? [];
    past.push({
      message: xml(
        'message',
        NS.client,
        { from: occupant.occupantJid, type: 'groupchat', id: stanza.attribute('id') },
        ...children,
        delayToXml(room.jid.bare, core.wallMs),
      ),
    });
    if (past.length > historyLength) past.shift();
    pasts.set(room, past);
    return undefined;
  });

  hooks.occupantJoined.add(800, ({ room, occupant }) => {
    if (rooms.isOwnerDomain(occupant.realJid.domain)) return undefined;
    for (const { message } of pasts.get(room) ?? []) {
      occupant.recipient.deliver(new PreparedStanza(message));
    }
    return undefined;
  });
}
