/**
 * Somebody goes on with another device (COMPAT: Jitsi's `flip`): whoever is in a room already and comes again with the
 * same login takes the place of its earlier self, past lobby and password, with the standing that it had.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { JOIN_ORDER, type JoinEvent } from '../muc/hooks.ts';
import { expel } from '../muc/leave.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import type { Rooms } from '../muc/rooms.ts';
import type { Recipient } from '../recipient.ts';

/** Clients take its place in presence for: the same person, on another device. */
const FLIP = 'flip_device';

export function addFlipDevice(rooms: Rooms): void {
  /** By who comes in its place. */
  const earlier = new WeakMap<Recipient, Occupant>();
  const flipped = new WeakSet<Occupant>();
  const { hooks } = rooms;
  hooks.preJoin.add(JOIN_ORDER.flip, (event) => {
    const occupant = earlierSelf(event);
    if (occupant === undefined) return undefined;
    earlier.set(event.attempt.sender, occupant);
    event.isKnown = true;
    const affiliation = event.room.affiliationOf(occupant.realJid.bare);
    // The rights of the login itself may be more.
    if (event.affiliation === 'none') event.affiliation = affiliation;
    return undefined;
  });
  hooks.buildOccupantPresence.add(300, ({ occupant, children }) => {
    if (flipped.has(occupant)) children.push(xml(FLIP, NS.client));
    return undefined;
  });
  hooks.occupantAdmitted.add(300, ({ room, occupant }) => {
    if (earlier.get(occupant.recipient)?.room === room) flipped.add(occupant);
    return undefined;
  });
  hooks.occupantJoined.add(50, ({ room, occupant }) => {
    const other = earlier.get(occupant.recipient);
    earlier.delete(occupant.recipient);
    if (other === undefined || !isInside(room, other)) return undefined;
    room.affiliations.delete(other.realJid.bare);
    expel(rooms, other, 'kicked', occupant, undefined, [xml(FLIP, NS.client)]);
    return undefined;
  });
}

/** Who is in the room with the same login and may be replaced by it. */
function earlierSelf({ attempt, room }: JoinEvent): Occupant | undefined {
  const { identity } = attempt.sender;
  const id = identity.user?.id;
  if (id === undefined || identity.features?.flip !== true) return undefined;
  if (attempt.presence.child(FLIP) === undefined) return undefined;
  for (const occupant of room.occupants.values()) {
    const { user, group } = occupant.recipient.identity;
    if (user?.id === id && group === identity.group && !occupant.isVisitor) return occupant;
  }
  return undefined;
}

function isInside(room: Room, occupant: Occupant): boolean {
  return occupant.room === room && room.occupants.get(occupant.nick) === occupant;
}
