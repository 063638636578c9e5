/**
 * The members-only setting. Without a lobby nobody could be let in again, so it cannot be switched
 * on; the field is there because clients refuse to lock a room whose form lacks it.
 */
import { formBoolean, formValue } from '@conclave/protocols/xmpp';
import type { Rooms } from './rooms.ts';

const MEMBERS_ONLY = 'muc#roomconfig_membersonly';

export function addMembersOnly(rooms: Rooms): void {
  rooms.hooks.roomInfo.add(120, ({ features }) => {
    features.push('muc_open');
    return undefined;
  });
  rooms.hooks.ownerForm.add(200, ({ fields }) => {
    fields.push({ name: MEMBERS_ONLY, type: 'boolean', values: ['0'] });
    return undefined;
  });
  rooms.hooks.ownerSubmit.add(200, ({ form }) =>
    formBoolean(formValue(form, MEMBERS_ONLY)) === true
      ? { condition: 'not-allowed', text: 'This server has no lobby' }
      : undefined,
  );
}
