/** Long-lived standing in a room, and the role that follows it (XEP-0045 §5.2). */
import type { Affiliation } from '@conclave/protocols/xmpp';
import { listAffiliation } from './affiliation-list.ts';
import { JOIN_ORDER } from './hooks.ts';
import { roleFor } from './join.ts';
import { broadcastPresence } from './occupant-presence.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

export function addAffiliations(rooms: Rooms): void {
  // The focus and other services are owner in every room.
  rooms.hooks.preJoin.add(JOIN_ORDER.affiliation, (event) => {
    if (rooms.isOwnerDomain(event.attempt.sender.jid.domain)) event.affiliation = 'owner';
    return undefined;
  });
  rooms.hooks.preJoin.add(JOIN_ORDER.ban, (event) =>
    event.affiliation === 'outcast'
      ? { type: 'refuse', error: { condition: 'forbidden' } }
      : undefined,
  );
}

/**
 * Sets the affiliation of a bare JID; those of its sessions that are in the room get the role that
 * goes with it, and everybody hears of it. False when the list is full.
 */
export function setAffiliation(
  rooms: Rooms,
  room: Room,
  bareJid: string,
  affiliation: Affiliation,
): boolean {
  if (!listAffiliation(rooms, room, bareJid, affiliation)) return false;
  for (const occupant of room.occupants.values()) {
    if (occupant.realJid.bare !== bareJid) continue;
    occupant.role = roleFor(affiliation);
    occupant.presenceChanged();
    broadcastPresence(rooms, occupant);
    rooms.hooks.occupantUpdated.run({ room, occupant });
  }
  return true;
}
