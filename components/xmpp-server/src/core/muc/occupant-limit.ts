/** How many people fit into a room, and how many rooms one client may be in. */
import { JOIN_ORDER } from './hooks.ts';
import type { Rooms } from './rooms.ts';

export function addOccupantLimit(rooms: Rooms): void {
  const { maxOccupants } = rooms.core.options.limits;
  rooms.hooks.preJoin.add(JOIN_ORDER.occupantLimit, ({ attempt, room }) => {
    if (rooms.isOwnerDomain(attempt.sender.jid.domain)) return undefined;
    // Services do not count, but there are few: only look closer when it may matter.
    if (room.occupants.size < maxOccupants) return undefined;
    let people = 0;
    for (const occupant of room.occupants.values()) {
      if (!rooms.isOwnerDomain(occupant.realJid.domain)) people++;
    }
    if (people < maxOccupants) return undefined;
    // COMPAT: clients show "the room is full" for this condition alone.
    return { type: 'refuse', error: { condition: 'service-unavailable' } };
  });
}
