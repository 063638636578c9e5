/** What a room tells about itself to those inside (XEP-0045 §6.4; COMPAT: fields clients read). */
import { xml } from '@conclave/protocols/xml';
import { type DiscoInfo, discoInfoToXml, type FormField, NS } from '@conclave/protocols/xmpp';
import type { RoomIq, RoomIqAnswer } from './hooks.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

export function addRoomInfo(rooms: Rooms): void {
  const { hooks } = rooms;
  hooks.onRoomIq(
    NS.discoInfo,
    (iq) => insideOnly(rooms, iq) ?? { result: discoInfoToXml(describe(rooms, iq.room)) },
  );
  hooks.onRoomIq(
    NS.discoItems,
    (iq) =>
      insideOnly(rooms, iq) ?? {
        result: xml(
          'query',
          NS.discoItems,
          {},
          ...[...iq.room.occupants.values()].map((occupant) =>
            xml('item', NS.discoItems, { jid: occupant.occupantJid }),
          ),
        ),
      },
  );
  hooks.onRoomIq(NS.ping, (iq) =>
    iq.stanza.attribute('type') === 'get' ? { result: undefined } : undefined,
  );
  hooks.roomInfo.add(110, ({ features }) => {
    features.push('muc_nonanonymous');
    return undefined;
  });
  hooks.roomInfo.add(200, ({ room, fields }) => {
    fields.push(
      { name: 'muc#roominfo_meetingId', values: [room.meetingId] },
      { name: 'muc#roominfo_created_timestamp', values: [String(room.createdWallMs)] },
    );
    return undefined;
  });
}

function insideOnly(rooms: Rooms, { occupant, stanza }: RoomIq): RoomIqAnswer | undefined {
  if (stanza.attribute('type') !== 'get') return { condition: 'bad-request' };
  if (occupant !== undefined) return undefined;
  const from = stanza.attribute('from') ?? '';
  const domain = from.slice(from.indexOf('@') + 1).split('/')[0] ?? '';
  return rooms.isOwnerDomain(domain) ? undefined : { condition: 'forbidden' };
}

function describe(rooms: Rooms, room: Room): DiscoInfo {
  const features: string[] = [NS.muc];
  const fields: FormField[] = [];
  rooms.hooks.roomInfo.run({ room, features, fields });
  return {
    identities: [{ category: 'conference', type: 'text', name: room.jid.node }],
    features,
    forms: [{ type: 'result', formType: NS.mucRoomInfo, fields }],
  };
}
