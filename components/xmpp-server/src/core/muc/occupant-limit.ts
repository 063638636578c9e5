/** How many people fit into a room: the server's limit, or a lower one that an owner sets (XEP-0045 §10.1.3). */
import { formValue } from '@conclave/protocols/xmpp';
import { JOIN_ORDER } from './hooks.ts';
import type { Rooms } from './rooms.ts';

const MAX_USERS = 'muc#roomconfig_maxusers';

export function addOccupantLimit(rooms: Rooms): void {
  const { hooks } = rooms;
  const { maxOccupants } = rooms.core.options.limits;
  hooks.preJoin.add(JOIN_ORDER.occupantLimit, ({ attempt, room }) => {
    if (rooms.isOwnerDomain(attempt.sender.jid.domain)) return undefined;
    const limit = Math.min(maxOccupants, room.maxOccupants ?? maxOccupants);
    // Services do not count, but there are few: only look closer when it may matter.
    if (room.occupants.size < limit) return undefined;
    let people = 0;
    for (const occupant of room.occupants.values()) {
      if (!rooms.isOwnerDomain(occupant.realJid.domain)) people++;
    }
    if (people < limit) return undefined;
    // COMPAT: clients show "the room is full" for this condition alone.
    return { type: 'refuse', error: { condition: 'service-unavailable' } };
  });
  hooks.ownerForm.add(350, ({ room, fields }) => {
    const values = [String(room.maxOccupants ?? maxOccupants)];
    fields.push({ name: MAX_USERS, type: 'text-single', values });
    return undefined;
  });
  hooks.ownerSubmit.add(350, ({ room, form, changes }) => {
    const text = formValue(form, MAX_USERS);
    if (text === undefined) return undefined;
    // XEP-0045: `none` is no limit; empty is how some clients say it.
    const limit = text === '' || text === 'none' ? maxOccupants : Number(text);
    if (!Number.isInteger(limit) || limit < 1) {
      return { condition: 'not-acceptable', text: 'The number of people is not understood' };
    }
    changes.push(() => {
      room.maxOccupants = limit >= maxOccupants ? undefined : limit;
    });
    return undefined;
  });
}
