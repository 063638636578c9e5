/** The room password: gate, form fields, room information (XEP-0045 §7.2.6, §10.1). */
import { formBoolean, formValue } from '@conclave/protocols/xmpp';
import { JOIN_ORDER } from './hooks.ts';
import type { Rooms } from './rooms.ts';

const SECRET = 'muc#roomconfig_roomsecret';
const PROTECTED = 'muc#roomconfig_passwordprotectedroom';

/** Characters; longer ones are refused, not cut. */
export const MAX_PASSWORD_LENGTH = 256;

export function addPassword(rooms: Rooms): void {
  const { hooks } = rooms;

  hooks.preJoin.add(JOIN_ORDER.password, ({ attempt, room, affiliation, isKnown }) => {
    if (
      room.password === undefined ||
      isKnown === true ||
      rooms.isOwnerDomain(attempt.sender.jid.domain)
    ) {
      return undefined;
    }
    // Whoever was let into a closed room is not asked again.
    if (room.isMembersOnly && affiliation !== 'none') return undefined;
    if (attempt.muc.child('password')?.text === room.password) return undefined;
    return { type: 'refuse', error: { condition: 'not-authorized' } };
  });

  hooks.roomInfo.add(100, ({ room, features }) => {
    features.push(room.password === undefined ? 'muc_unsecured' : 'muc_passwordprotected');
    return undefined;
  });

  hooks.ownerForm.add(300, ({ room, fields }) => {
    const isProtected = room.password === undefined ? '0' : '1';
    fields.push(
      { name: PROTECTED, type: 'boolean', values: [isProtected] },
      // Not the secret itself: whoever may change it need not read it.
      { name: SECRET, type: 'text-private', values: [] },
    );
    return undefined;
  });

  hooks.ownerSubmit.add(300, ({ room, occupant, form, changes }) => {
    const secret = formValue(form, SECRET);
    const isProtected = formBoolean(formValue(form, PROTECTED));
    if (secret !== undefined && secret.length > MAX_PASSWORD_LENGTH) {
      return { condition: 'not-acceptable', text: 'The password is too long' };
    }
    if (secret !== undefined && secret !== '') {
      if (isProtected !== false) changes.push(() => setPassword(secret));
      else changes.push(() => setPassword(undefined));
    } else if (isProtected === false || (secret === '' && isProtected !== true)) {
      changes.push(() => setPassword(undefined));
    } else if (isProtected === true && room.password === undefined) {
      return { condition: 'not-acceptable', text: 'A password is needed' };
    }
    // `passwordprotectedroom` 1 without a secret keeps the password (the lobby's form).
    return undefined;

    function setPassword(password: string | undefined): void {
      room.password = password;
      const value = password === undefined ? 'off' : 'on';
      hooks.moderated.run({ room, actor: occupant, action: 'password', value });
    }
  });
}
