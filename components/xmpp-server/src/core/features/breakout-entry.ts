/**
 * Who may enter a breakout room, and as what: those who were let into the main room, with the rights they
 * have there; and nobody of them is asked again when coming back.
 */

import { setAffiliation } from '../muc/affiliations.ts';
import { JOIN_ORDER, type OccupantEvent } from '../muc/hooks.ts';
import type { Rooms } from '../muc/rooms.ts';
import type { BreakoutFamily } from './breakout-family.ts';

type FamilyOf = (bareRoomJid: string) => BreakoutFamily | undefined;

export function addBreakoutEntry(mainRooms: Rooms, breakoutRooms: Rooms, familyOf: FamilyOf): void {
  addToBreakouts(mainRooms, breakoutRooms, familyOf);
  for (const rooms of [mainRooms, breakoutRooms]) {
    rooms.entryRoomOf = (jid) => familyOf(jid.bare)?.main.jid ?? jid;
  }
  const { hooks } = mainRooms;
  hooks.preJoin.add(JOIN_ORDER.breakout, (event) => {
    const family = familyOf(event.room.jid.bare);
    if (family?.people.has(event.attempt.sender.jid.bare) === true) event.isKnown = true;
    return undefined;
  });
  for (const hook of [hooks.occupantJoined, hooks.occupantUpdated]) {
    hook.add(640, ({ room, occupant }: OccupantEvent) => {
      familyOf(room.jid.bare)?.admit(occupant);
      return undefined;
    });
  }
  hooks.occupantLeft.add(640, ({ room, occupant, reason }) => {
    if (reason === 'kicked' || reason === 'banned') {
      familyOf(room.jid.bare)?.people.delete(occupant.realJid.bare);
    }
    return undefined;
  });
}

function addToBreakouts(mainRooms: Rooms, breakoutRooms: Rooms, familyOf: FamilyOf): void {
  const { hooks } = breakoutRooms;
  // COMPAT: without a text of its own the refusal sends clients back to the main room.
  const refusal = { condition: 'not-allowed' } as const;
  hooks.roomMissing.add(100, ({ to }) => (familyOf(to.bare) === undefined ? refusal : undefined));
  hooks.preJoin.add(JOIN_ORDER.breakout, (event) => {
    const { sender, nick } = event.attempt;
    const family = familyOf(event.room.jid.bare);
    if (family === undefined) return { type: 'refuse', error: refusal };
    if (breakoutRooms.isOwnerDomain(sender.jid.domain)) return undefined;
    if (!family.people.has(sender.jid.bare)) return { type: 'refuse', error: refusal };
    for (const { occupants } of family.rooms()) {
      const namesake = occupants.get(nick);
      if (namesake !== undefined && namesake.realJid.full !== sender.jid.full) {
        return { type: 'refuse', error: { condition: 'conflict' } };
      }
    }
    // What somebody is in the main room counts, not what was true here at the last visit.
    event.room.affiliations.delete(sender.jid.bare);
    event.affiliation = family.main.affiliationOf(sender.jid.bare);
    return undefined;
  });
  hooks.occupantUpdated.add(640, ({ room, occupant }) => {
    const main = familyOf(room.jid.bare)?.main;
    const { bare } = occupant.realJid;
    if (main === undefined || breakoutRooms.isOwnerDomain(occupant.realJid.domain))
      return undefined;
    const affiliation = room.affiliationOf(bare);
    if (main.affiliationOf(bare) !== affiliation) {
      setAffiliation(mainRooms, main, bare, affiliation);
    }
    return undefined;
  });
  // Who is removed from a breakout room is removed from the meeting.
  hooks.occupantLeft.add(640, ({ room, occupant, reason }) => {
    const family = familyOf(room.jid.bare);
    if (family === undefined || (reason !== 'kicked' && reason !== 'banned')) return undefined;
    const { bare } = occupant.realJid;
    family.people.delete(bare);
    if (reason === 'banned') family.main.affiliations.set(bare, 'outcast');
    else family.main.affiliations.delete(bare);
    return undefined;
  });
  hooks.roomInfo.add(300, ({ room, fields }) => {
    const family = familyOf(room.jid.bare);
    if (family === undefined) return undefined;
    fields.push(
      { name: 'muc#roominfo_isbreakout', values: ['true'] },
      { name: 'muc#roominfo_breakout_main_room', values: [family.main.jid.bare] },
    );
    return undefined;
  });
}
