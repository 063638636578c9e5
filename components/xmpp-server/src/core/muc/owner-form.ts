/** The configuration form and the end of a room (XEP-0045 §10.1-10.2, §10.9). Forms may be partial. */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  dataFormFromXml,
  dataFormToXml,
  type FormField,
  formValue,
  mucUserToXml,
  NS,
  parseJid,
} from '@conclave/protocols/xmpp';
import type { RoomIq, RoomIqAnswer } from './hooks.ts';
import { destroyRoom } from './leave.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

const WHOIS = 'muc#roomconfig_whois';
const MAX_REASON_LENGTH = 1024;

export function addOwnerForm(rooms: Rooms): void {
  const { hooks } = rooms;
  hooks.onRoomIq(NS.mucOwner, (iq) => handleOwnerIq(rooms, iq));
  hooks.ownerForm.add(100, ({ fields }) => {
    fields.push({ name: WHOIS, type: 'list-single', values: ['anyone'] });
    return undefined;
  });
  // Clients need each other's real JIDs, so rooms are never anonymous.
  hooks.ownerSubmit.add(100, ({ form }) =>
    (formValue(form, WHOIS) ?? 'anyone') === 'anyone'
      ? undefined
      : { condition: 'not-acceptable', text: 'Rooms are not anonymous' },
  );
  hooks.ownerForm.add(900, ({ room, fields }) => {
    fields.push({ name: 'muc#roominfo_meetingId', type: 'text-single', values: [room.meetingId] });
    return undefined;
  });
}

/** Tells everybody that the configuration changed; clients then ask for the room information. */
export function announceConfigurationChange(room: Room): void {
  room.broadcast(
    xml(
      'message',
      NS.client,
      { type: 'groupchat', from: room.jid.bare },
      mucUserToXml({ statusCodes: [104] }),
    ),
  );
}

function handleOwnerIq(rooms: Rooms, iq: RoomIq): RoomIqAnswer | undefined {
  const { room, occupant, stanza, payload } = iq;
  if (occupant === undefined || room.affiliationOf(occupant.realJid.bare) !== 'owner') {
    return { condition: 'forbidden' };
  }
  if (stanza.attribute('type') === 'get') {
    const fields: FormField[] = [];
    rooms.hooks.ownerForm.run({ room, fields });
    const form = dataFormToXml({ type: 'form', formType: NS.mucRoomConfig, fields });
    return { result: xml('query', NS.mucOwner, {}, form) };
  }
  const destroy = payload.child('destroy', NS.mucOwner);
  if (destroy !== undefined) return requestDestroy(rooms, occupant, destroy);
  const x = payload.child('x', NS.dataForms);
  return x === undefined ? { condition: 'bad-request' } : submit(rooms, room, occupant, x);
}

function submit(rooms: Rooms, room: Room, occupant: Occupant, x: XmlElement): RoomIqAnswer {
  const form = dataFormFromXml(x);
  if (form?.type === 'cancel') return { result: undefined };
  if (form?.type !== 'submit') return { condition: 'bad-request' };
  const changes: (() => void)[] = [];
  const refusal = rooms.hooks.ownerSubmit.run({ room, occupant, form, changes });
  if (refusal !== undefined) return refusal;
  for (const change of changes) change();
  if (changes.length > 0) {
    // After the result: the client that asked learns first that it worked.
    rooms.core.inputs.push(
      () => announceConfigurationChange(room),
      (error) => rooms.core.logger.error('muc.announce.failed', { error }),
    );
  }
  return { result: undefined };
}

function requestDestroy(rooms: Rooms, actor: Occupant, destroy: XmlElement): RoomIqAnswer {
  const { room } = actor;
  const jid = destroy.attribute('jid');
  if (jid !== undefined && parseJid(jid) === undefined) return { condition: 'jid-malformed' };
  const reason = destroy.child('reason')?.text.slice(0, MAX_REASON_LENGTH);
  rooms.core.inputs.push(
    () => {
      rooms.hooks.moderated.run({ room, actor, action: 'end' });
      destroyRoom(rooms, room, {
        ...(jid === undefined ? {} : { jid }),
        ...(reason === undefined || reason === '' ? {} : { reason }),
      });
    },
    (error) => rooms.core.logger.error('muc.destroy.failed', { error }),
  );
  return { result: undefined };
}
