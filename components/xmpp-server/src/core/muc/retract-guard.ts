/**
 * Who may take a message back (XEP-0424 §4): its author, or a moderator. Clients believe the room, so
 * the room remembers who said what, for as long as people are likely to change their minds.
 */
import { NS } from '@conclave/protocols/xmpp';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** Messages whose author is known; older ones cannot be taken back. */
const REMEMBERED_MESSAGES = 1_000;
/** Characters; longer ids are not remembered. */
const MAX_ID_LENGTH = 128;

export function addRetractGuard(rooms: Rooms): void {
  /** Author's bare real JID by message id, oldest first. */
  const authors = new WeakMap<Room, Map<string, string>>();

  rooms.hooks.preMessage.add(200, ({ room, occupant, stanza }) => {
    const known = authors.get(room) ?? new Map<string, string>();
    const author = occupant.realJid.bare;
    for (const retract of stanza.childrenNamed('retract', NS.retract)) {
      const writer = known.get(retract.attribute('id') ?? '');
      if (writer !== author && !(occupant.isModerator && writer !== undefined)) {
        return { condition: 'forbidden', text: 'Only the author may take a message back' };
      }
    }
    const id = stanza.attribute('id');
    // The first to use an id owns it: repeating another's id gives no right to it.
    if (id === undefined || id.length > MAX_ID_LENGTH || known.has(id)) return undefined;
    if (stanza.child('body') === undefined) return undefined;
    known.set(id, author);
    if (known.size > REMEMBERED_MESSAGES) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    authors.set(room, known);
    return undefined;
  });
}
