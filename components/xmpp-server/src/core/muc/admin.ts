/**
 * Moderation: kick, roles, affiliations, lists (XEP-0045 §8, §9). All items of an iq are checked
 * before the first is carried out, and it is answered once.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  type Affiliation,
  mucItemToXml,
  NS,
  parseAffiliation,
  parseJid,
  parseRole,
  type Role,
  type StanzaError,
} from '@conclave/protocols/xmpp';
import { listAffiliation } from './affiliation-list.ts';
import { setAffiliation } from './affiliations.ts';
import type { RoomIq, RoomIqAnswer } from './hooks.ts';
import { expel } from './leave.ts';
import type { Occupant } from './occupant.ts';
import { broadcastPresence, itemOf } from './occupant-presence.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

const MAX_ITEMS = 256;
const MAX_REASON_LENGTH = 1024;

/** An item that passed the checks; returns an error only when a list is full. */
type Change = () => StanzaError | undefined;

export function addAdmin(rooms: Rooms): void {
  rooms.hooks.onRoomIq(NS.mucAdmin, (iq) => {
    if (iq.occupant === undefined) return { condition: 'forbidden' };
    const items = iq.payload.childrenNamed('item', NS.mucAdmin);
    if (items.length === 0 || items.length > MAX_ITEMS) return { condition: 'bad-request' };
    return iq.stanza.attribute('type') === 'get'
      ? list(iq.room, iq.occupant, items[0] as XmlElement)
      : change(rooms, iq, iq.occupant, items);
  });
}

function change(
  rooms: Rooms,
  iq: RoomIq,
  actor: Occupant,
  items: readonly XmlElement[],
): RoomIqAnswer {
  const changes: Change[] = [];
  for (const item of items) {
    const checked = check(rooms, iq.room, actor, item);
    if (typeof checked !== 'function') return checked;
    changes.push(checked);
  }
  for (const apply of changes) {
    const error = apply();
    if (error !== undefined) return error;
  }
  return { result: undefined };
}

function check(rooms: Rooms, room: Room, actor: Occupant, item: XmlElement): Change | StanzaError {
  const reason = item.child('reason')?.text.slice(0, MAX_REASON_LENGTH) || undefined;
  const affiliationText = item.attribute('affiliation');
  if (affiliationText !== undefined) {
    const affiliation = parseAffiliation(affiliationText);
    if (affiliation === undefined) return { condition: 'bad-request' };
    return checkAffiliation(rooms, room, actor, item, affiliation, reason);
  }
  const role = parseRole(item.attribute('role'));
  const nick = item.attribute('nick');
  if (role === undefined || nick === undefined) return { condition: 'bad-request' };
  const target = room.occupants.get(nick);
  if (target === undefined) return { condition: 'item-not-found' };
  return checkRole(rooms, room, actor, target, role, reason);
}

function checkRole(
  rooms: Rooms,
  room: Room,
  actor: Occupant,
  target: Occupant,
  role: Role,
  reason: string | undefined,
): Change | StanzaError {
  if (!actor.isModerator) return { condition: 'forbidden' };
  if (rooms.isOwnerDomain(target.realJid.domain)) return { condition: 'not-allowed' };
  if (role === 'none') {
    return () => {
      if (room.occupants.get(target.nick) !== target) return undefined;
      // Or it could come back with the rights it had.
      room.affiliations.delete(target.realJid.bare);
      expel(rooms, target, 'kicked', actor, reason);
      return undefined;
    };
  }
  const isOwner = room.affiliationOf(target.realJid.bare) === 'owner';
  // Owners are moderators; the affiliation has to go first (XEP-0045 §5.2.1).
  if (isOwner && role !== 'moderator') return { condition: 'not-allowed' };
  return () => {
    target.role = role;
    target.presenceChanged();
    broadcastPresence(rooms, target);
    rooms.hooks.occupantUpdated.run({ room, occupant: target });
    const { occupantJid } = target;
    rooms.hooks.moderated.run({ room, actor, action: 'role', target: occupantJid, value: role });
    return undefined;
  };
}

function checkAffiliation(
  rooms: Rooms,
  room: Room,
  actor: Occupant,
  item: XmlElement,
  affiliation: Affiliation,
  reason: string | undefined,
): Change | StanzaError {
  const bareJid = targetOf(room, item);
  if (typeof bareJid !== 'string') return bareJid;
  const jid = parseJid(bareJid);
  if (jid === undefined || jid.node === '') return { condition: 'jid-malformed' };
  if (rooms.isOwnerDomain(jid.domain)) return { condition: 'not-allowed' };
  const gain = RANK[affiliation] > RANK[room.affiliationOf(bareJid)];
  const isSelf = bareJid === actor.realJid.bare;
  // Anybody may step down; everything else is for moderators who own the room.
  if (isSelf ? gain : !actor.isModerator) return { condition: 'forbidden' };
  if (!isSelf && room.affiliationOf(actor.realJid.bare) !== 'owner') {
    return { condition: 'forbidden' };
  }
  if (isSelf && affiliation === 'outcast') return { condition: 'conflict' };
  return () => {
    const isBan = affiliation === 'outcast';
    const isListed = isBan
      ? listAffiliation(rooms, room, bareJid, affiliation)
      : setAffiliation(rooms, room, bareJid, affiliation);
    if (!isListed) return { condition: 'resource-constraint' };
    const banned = isBan ? occupantsOf(room, bareJid) : [];
    for (const occupant of banned) expel(rooms, occupant, 'banned', actor, reason);
    // A ban of people inside is told by their leaving.
    if (banned.length > 0) return undefined;
    const event = { room, actor, action: 'affiliation', target: bareJid } as const;
    rooms.hooks.moderated.run({ ...event, value: affiliation });
    return undefined;
  };
}

function occupantsOf(room: Room, bareJid: string): Occupant[] {
  return [...room.occupants.values()].filter(({ realJid }) => realJid.bare === bareJid);
}

const RANK: Readonly<Record<Affiliation, number>> = {
  outcast: 0,
  none: 1,
  member: 2,
  admin: 3,
  owner: 4,
};

/** Named by JID, bare or full, or by the nick of somebody inside. */
function targetOf(room: Room, item: XmlElement): string | StanzaError {
  const jidText = item.attribute('jid');
  if (jidText !== undefined) {
    return parseJid(jidText)?.bare ?? { condition: 'jid-malformed' };
  }
  const nick = item.attribute('nick');
  if (nick === undefined) return { condition: 'bad-request' };
  return room.occupants.get(nick)?.realJid.bare ?? { condition: 'item-not-found' };
}

/** Who has this role or affiliation (XEP-0045 §8.4, §9.5). */
function list(room: Room, actor: Occupant, query: XmlElement): RoomIqAnswer {
  if (!actor.isModerator) return { condition: 'forbidden' };
  const affiliation = parseAffiliation(query.attribute('affiliation'));
  const role = parseRole(query.attribute('role'));
  const result = xml('query', NS.mucAdmin);
  if (affiliation !== undefined) {
    for (const [jid, held] of room.affiliations) {
      if (held === affiliation) result.append(xml('item', NS.mucAdmin, { affiliation, jid }));
    }
  } else if (role !== undefined) {
    for (const occupant of room.occupants.values()) {
      if (occupant.role !== role) continue;
      result.append(mucItemToXml({ ...itemOf(occupant), nick: occupant.nick }, NS.mucAdmin));
    }
  } else return { condition: 'bad-request' };
  return { result };
}
