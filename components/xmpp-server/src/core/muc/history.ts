/** The last messages of a room, for joiners (XEP-0045 §7.2.13); off unless `historyLength` is set. */
import { xml } from '@conclave/protocols/xml';
import { delayToXml, NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import { displayNameOf } from './display-name.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** Characters that a room keeps, however few messages they are. */
const MAX_CHARACTERS = 262_144;

interface History {
  /** Serialised once, for all who come. */
  readonly stanzas: PreparedStanza[];
  characters: number;
}

export function addHistory(rooms: Rooms): void {
  const { core, hooks } = rooms;
  const { historyLength } = core.options;
  if (historyLength === 0) return;
  const histories = new WeakMap<Room, History>();

  // After every check, so that only what was really said is kept.
  hooks.preMessage.add(10_000, ({ room, occupant, stanza, children, audience }) => {
    // What was not for everybody is not for those who come later.
    if (stanza.child('body') === undefined || audience !== undefined) return undefined;
    const name = displayNameOf(occupant.payload);
    const message = new PreparedStanza(
      xml(
        'message',
        NS.client,
        { from: occupant.occupantJid, type: 'groupchat', id: stanza.attribute('id') },
        ...children,
        delayToXml(room.jid.bare, core.wallMs),
        // COMPAT: the author may be gone, so the message tells the name.
        name === undefined
          ? undefined
          : xml('display-name', NS.displayName, { source: 'guest' }, name),
      ),
    );
    const history = histories.get(room) ?? { stanzas: [], characters: 0 };
    histories.set(room, history);
    history.stanzas.push(message);
    history.characters += message.length;
    while (history.stanzas.length > historyLength || history.characters > MAX_CHARACTERS) {
      history.characters -= history.stanzas.shift()?.length ?? 0;
    }
    return undefined;
  });

  hooks.occupantJoined.add(800, ({ room, occupant }) => {
    if (rooms.isOwnerDomain(occupant.realJid.domain)) return undefined;
    for (const stanza of histories.get(room)?.stanzas ?? []) occupant.recipient.deliver(stanza);
    return undefined;
  });
}
