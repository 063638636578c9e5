/**
 * Presence of occupants as rooms send it: the client's payload, then who it is (XEP-0045 §7.2.2;
 * full real JIDs for everybody, without which clients do not find the focus).
 */
import { writeXml, type XmlElement, type XmlNode, xml } from '@conclave/protocols/xml';
import { type MucItem, type MucUser, mucUserToXml, NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Occupant } from './occupant.ts';
import type { Rooms } from './rooms.ts';

/** Elements only the server may put into a presence: clients trust them. */
const SERVER_ONLY = new Set(['identity', 'permissions', 'flip_device', 'error']);

/** What of a client's presence is kept: no muc, no muc#user, nothing it could claim for itself. */
export function sanitisePresence(presence: XmlElement): XmlNode[] {
  const payload: XmlElement[] = [];
  const others: XmlElement[] = [];
  for (const child of presence.elements()) {
    if (child.ns === NS.muc || child.ns === NS.mucUser || child.ns === NS.delay) continue;
    // In whatever namespace: clients look for the name.
    if (SERVER_ONLY.has(child.name)) continue;
    // COMPAT: clients take the first `x` for muc#user, so any other one comes after it.
    (child.name === 'x' ? others : payload).push(child);
  }
  return [...payload, ...others];
}

export function itemOf(occupant: Occupant): MucItem {
  return {
    affiliation: occupant.room.affiliationOf(occupant.realJid.bare),
    role: occupant.role,
    jid: occupant.realJid.full,
  };
}

/** The presence as the others get it; serialised once until it changes. */
export function presenceForOthers(rooms: Rooms, occupant: Occupant): PreparedStanza {
  occupant.prepared ??= build(rooms, occupant, false, []);
  return occupant.prepared;
}

/** The occupant's own copy: status 110, and 100, 201 on joining. */
export function presenceForSelf(
  rooms: Rooms,
  occupant: Occupant,
  statusCodes: readonly number[],
): PreparedStanza {
  return build(rooms, occupant, true, statusCodes);
}

/** To all who may see it: the others' copy, and its own with 110. */
export function broadcastPresence(rooms: Rooms, occupant: Occupant): void {
  const { room } = occupant;
  occupant.recipient.deliver(presenceForSelf(rooms, occupant, [110]));
  room.broadcastPrepared(
    presenceForOthers(rooms, occupant),
    (viewer) => viewer !== occupant && isVisible(rooms, occupant, viewer),
  );
}

export function isVisible(rooms: Rooms, occupant: Occupant, viewer: Occupant): boolean {
  const { presenceVisible } = rooms.hooks;
  if (presenceVisible.isEmpty) return true;
  return presenceVisible.run({ room: occupant.room, occupant, viewer }) !== false;
}

/**
 * The unavailable presence, to those who saw it and to itself with 110. The occupant has left the
 * room's map already.
 */
export function broadcastUnavailable(
  rooms: Rooms,
  occupant: Occupant,
  user: MucUser,
  payload: readonly XmlNode[] = [],
): void {
  const unavailable = unavailablePresence(occupant, user, payload);
  occupant.recipient.deliver(new PreparedStanza(unavailable([110])));
  occupant.room.broadcast(unavailable([]), (viewer) => isVisible(rooms, occupant, viewer));
}

/** Takes `occupant` out of the sight of those whom `from` accepts, though it stays in the room. */
export function hidePresence(occupant: Occupant, from: (viewer: Occupant) => boolean): void {
  const user = { item: { ...itemOf(occupant), role: 'none' as const }, statusCodes: [] };
  occupant.room.broadcast(unavailablePresence(occupant, user, [])([]), from);
}

function unavailablePresence(occupant: Occupant, user: MucUser, payload: readonly XmlNode[]) {
  return (statusCodes: readonly number[]): XmlElement =>
    xml(
      'presence',
      NS.client,
      { from: occupant.occupantJid, type: 'unavailable' },
      ...payload,
      mucUserToXml({ ...user, statusCodes: [...user.statusCodes, ...statusCodes] }),
    );
}

function build(
  rooms: Rooms,
  occupant: Occupant,
  isSelf: boolean,
  statusCodes: readonly number[],
): PreparedStanza {
  const { room } = occupant;
  let children: XmlNode[] = [...occupant.payload];
  const { buildOccupantPresence } = rooms.hooks;
  if (!buildOccupantPresence.isEmpty) {
    buildOccupantPresence.run({ room, occupant, children, isSelf });
  }
  const firstX = children.findIndex((child) => typeof child !== 'string' && child.name === 'x');
  const user = mucUserToXml({ item: itemOf(occupant), statusCodes });
  children = firstX === -1 ? [...children, user] : children.toSpliced(firstX, 0, user);
  const element = xml('presence', NS.client, { from: occupant.occupantJid }, ...children);
  return new PreparedStanza(element, writeXml(element));
}
