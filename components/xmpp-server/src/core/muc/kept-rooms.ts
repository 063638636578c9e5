/**
 * Rooms that are kept (XEP-0045 `persistentroom`): password, lobby, subject and moderators are there again at
 * the next meeting. The room itself lives only while somebody is in it; what is kept is in the store.
 */
import { formBoolean, formValue } from '@conclave/protocols/xmpp';
import type { KeptRoom, RoomStore } from '../../room-store.ts';
import { loginOf } from '../identity.ts';
import { JOIN_ORDER } from './hooks.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

const PERSISTENT = 'muc#roomconfig_persistentroom';
/** Of one room; those who came to it first stay. */
const MAX_MODERATORS = 1_000;

export function addKeptRooms(rooms: Rooms): void {
  const { core, hooks } = rooms;
  const { roomStore: store, whoKeepsRooms } = core.options;
  if (store === undefined) return;

  hooks.roomCreated.add(900, (room) => {
    const kept = store.find(room.jid.bare);
    if (kept !== undefined) restoreRoom(rooms, room, kept);
    return undefined;
  });
  hooks.preJoin.add(JOIN_ORDER.rights + 1, (event) => {
    const id = loginOf(event.attempt.sender.identity);
    if (id === undefined || event.affiliation === 'outcast') return undefined;
    if (store.find(event.room.jid.bare)?.moderators.includes(id)) event.affiliation = 'owner';
    return undefined;
  });

  hooks.ownerForm.add(250, ({ room, fields }) => {
    const values = [store.find(room.jid.bare) === undefined ? '0' : '1'];
    fields.push({ name: PERSISTENT, type: 'boolean', values });
    return undefined;
  });
  // The last of the form's modules: what the others change is kept as well.
  hooks.ownerSubmit.add(950, ({ room, occupant, form, changes }) => {
    const isKept = store.find(room.jid.bare) !== undefined;
    const wanted = formBoolean(formValue(form, PERSISTENT)) ?? isKept;
    if (!wanted) {
      if (isKept) changes.push(() => store.remove(room.jid.bare));
      return undefined;
    }
    if (!isKept) {
      if (whoKeepsRooms === 'nobody' || (whoKeepsRooms === 'authenticated' && !isKnown(occupant))) {
        return { condition: 'not-allowed', text: 'Only people who logged in may keep a room' };
      }
      if (!store.save(room.jid.bare, describe(room, undefined))) {
        return { condition: 'resource-constraint', text: 'Too many rooms are kept' };
      }
    } else if (changes.length === 0) return undefined;
    changes.push(() => keep(store, room));
    return undefined;
  });

  hooks.preMessage.add(110, ({ room, stanza }) => {
    // A subject that was accepted is set by now.
    if (stanza.child('subject') !== undefined && stanza.child('body') === undefined) {
      keep(store, room);
    }
    return undefined;
  });
  hooks.moderated.add(100, ({ room }) => {
    keep(store, room);
    return undefined;
  });
}

/** Gives `room` the settings that are kept. */
export function restoreRoom(rooms: Rooms, room: Room, kept: KeptRoom): void {
  const { membersOnlyChanged } = rooms.hooks;
  room.password = kept.password;
  room.maxOccupants = kept.maxOccupants;
  if (kept.subject !== undefined) room.subject = { text: kept.subject, from: room.jid.bare };
  if (kept.hasLobby !== room.isMembersOnly && !membersOnlyChanged.isEmpty) {
    room.isMembersOnly = kept.hasLobby;
    membersOnlyChanged.run({ room, occupant: undefined });
  }
}

/** Follows a change of a room that is kept. */
function keep(store: RoomStore, room: Room): void {
  const known = store.find(room.jid.bare);
  if (known !== undefined) store.save(room.jid.bare, describe(room, known));
}

/** What there is to keep. Who led the room and is absent leads it still; who is here and leads no more does not. */
function describe(room: Room, known: KeptRoom | undefined): KeptRoom {
  const moderators = new Set(known?.moderators);
  for (const { realJid, recipient } of room.occupants.values()) {
    const id = loginOf(recipient.identity);
    if (id === undefined) continue;
    if (room.affiliationOf(realJid.bare) !== 'owner') moderators.delete(id);
    else if (moderators.size < MAX_MODERATORS) moderators.add(id);
  }
  const { password, maxOccupants } = room;
  const subject = room.subject?.text;
  return {
    hasLobby: room.isMembersOnly && !room.isWaitingForHost,
    moderators: [...moderators],
    ...(password !== undefined && { password }),
    ...(maxOccupants !== undefined && { maxOccupants }),
    ...(subject !== undefined && subject !== '' && { subject }),
  };
}

function isKnown({ recipient }: Occupant): boolean {
  return recipient.identity.isAuthenticated;
}
