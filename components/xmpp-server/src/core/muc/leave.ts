/** Ways out of a room: leaving, losing the connection, being removed, the end of the room (XEP-0045 §7.14, §8.2, §10.9). */
import type { XmlElement, XmlNode } from '@conclave/protocols/xml';
import { xml } from '@conclave/protocols/xml';
import type { MucUser } from '@conclave/protocols/xmpp';
import { mucUserToXml, NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Occupant } from './occupant.ts';
import { broadcastUnavailable, itemOf, sanitisePresence } from './occupant-presence.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** By its own unavailable presence; the status text in it is for the others. */
export function leave(rooms: Rooms, occupant: Occupant, presence: XmlElement): void {
  const { maxPresenceLength } = rooms.core.options.limits;
  // Leaving is never refused, but a farewell that is too long is left out.
  const isShort = presence.toString().length <= maxPresenceLength;
  const payload = isShort ? sanitisePresence(presence) : [];
  takeOut(rooms, occupant, 'left', { statusCodes: [] }, payload);
}

/** The session ended without a word. */
export function disconnect(rooms: Rooms, occupant: Occupant): void {
  takeOut(rooms, occupant, 'disconnected', { statusCodes: [] });
}

/** Kick (307) or ban (301), by a moderator, or by the administrator of the server (no `actor`). */
export function expel(
  rooms: Rooms,
  occupant: Occupant,
  reason: 'kicked' | 'banned',
  actor: Occupant | undefined,
  text: string | undefined,
  /** Further children of the presence that tells. */
  payload: readonly XmlNode[] = [],
): void {
  const statusCode = reason === 'kicked' ? 307 : 301;
  takeOut(
    rooms,
    occupant,
    reason,
    {
      item: {
        affiliation: occupant.room.affiliationOf(occupant.realJid.bare),
        role: 'none',
        jid: occupant.realJid.full,
        ...(actor !== undefined && { actorNick: actor.nick }),
        ...(text === undefined ? {} : { reason: text }),
      },
      statusCodes: [statusCode],
    },
    payload,
    { ...(actor !== undefined && { actor }), ...(text !== undefined && { text }) },
  );
}

/** Ends a room, kept or not. Everybody is sent away, to `alternative` if there is one. */
export function destroyRoom(
  rooms: Rooms,
  room: Room,
  destroy: { readonly jid?: string; readonly reason?: string },
): void {
  room.keepers.clear();
  for (const occupant of [...room.occupants.values()]) {
    rooms.exit(occupant);
    const user = mucUserToXml({
      item: { affiliation: 'none', role: 'none' },
      destroy,
      statusCodes: [110],
    });
    occupant.recipient.deliver(
      new PreparedStanza(
        xml('presence', NS.client, { from: occupant.occupantJid, type: 'unavailable' }, user),
      ),
    );
    rooms.hooks.occupantLeft.run({ room, occupant, reason: 'destroyed' });
  }
  rooms.endIfEmpty(room);
}

function takeOut(
  rooms: Rooms,
  occupant: Occupant,
  reason: 'left' | 'kicked' | 'banned' | 'disconnected',
  user: MucUser,
  payload: readonly XmlNode[] = [],
  removal: { readonly actor?: Occupant; readonly text?: string } = {},
): void {
  const { room } = occupant;
  const item = user.item ?? { ...itemOf(occupant), role: 'none' as const };
  rooms.exit(occupant);
  try {
    broadcastUnavailable(rooms, occupant, { ...user, item }, payload);
    rooms.hooks.occupantLeft.run({ room, occupant, reason, ...removal });
  } finally {
    // Whatever a module does, nobody is left in a room that has ended, and no room without anybody.
    rooms.endIfEmpty(room);
  }
}
