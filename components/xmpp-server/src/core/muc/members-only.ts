/**
 * The members-only setting (XEP-0045 §10.1). Without a lobby nobody could be let in again, so it can
 * only be switched on where one takes part; the field is there because clients refuse to lock a room
 * whose form lacks it.
 */
import { formBoolean, formValue } from '@conclave/protocols/xmpp';
import type { Rooms } from './rooms.ts';

const MEMBERS_ONLY = 'muc#roomconfig_membersonly';

export function addMembersOnly(rooms: Rooms): void {
  const { hooks } = rooms;
  hooks.roomInfo.add(120, ({ room, features }) => {
    features.push(room.isMembersOnly ? 'muc_membersonly' : 'muc_open');
    return undefined;
  });
  hooks.ownerForm.add(200, ({ room, fields }) => {
    fields.push({ name: MEMBERS_ONLY, type: 'boolean', values: [room.isMembersOnly ? '1' : '0'] });
    return undefined;
  });
  hooks.ownerSubmit.add(200, ({ room, occupant, form, changes }) => {
    const wanted = formBoolean(formValue(form, MEMBERS_ONLY));
    if (wanted === undefined || wanted === room.isMembersOnly) return undefined;
    if (hooks.membersOnlyChanged.isEmpty) {
      return { condition: 'not-allowed', text: 'This server has no lobby' };
    }
    changes.push(() => {
      room.isMembersOnly = wanted;
      hooks.membersOnlyChanged.run({ room, occupant });
    });
    return undefined;
  });
}
