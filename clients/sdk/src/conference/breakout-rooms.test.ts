import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, expect, test, vi } from 'vitest';
import { RoomStage } from '../testing/room-stage.ts';

let stage: RoomStage;
beforeEach(async () => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
});

const breakout = () => stage.conference.features.breakoutRooms;
const news = (json: unknown, from = 'breakout.meet.jitsi') =>
  stage.receive(
    `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify(json).replaceAll('"', '&quot;')}</json-message></message>`,
  );
const update = (rooms: unknown) => ({
  type: 'breakout_rooms',
  event: 'features/breakout-rooms/update',
  rooms,
});

test('tells which rooms there are, the main one first, and who is in them', async () => {
  await news(
    update({
      x: { jid: 'x@breakout.meet.jitsi', name: 'Group A', participants: {} },
      daily: {
        jid: 'daily@muc.meet.jitsi',
        name: 'daily',
        isMainRoom: true,
        participants: {
          'daily@muc.meet.jitsi/b0000000': { jid: 'b@meet.jitsi/r', displayName: 'Ben' },
        },
      },
    }),
  );
  expect(breakout().rooms.get()).toEqual([
    {
      jid: 'daily@muc.meet.jitsi',
      name: 'daily',
      isMain: true,
      people: [{ id: 'b0000000', jid: 'b@meet.jitsi/r', displayName: 'Ben' }],
    },
    { jid: 'x@breakout.meet.jitsi', name: 'Group A', isMain: false, people: [] },
  ]);
});

test('nonsense and strangers change nothing', async () => {
  await news(update({ x: { jid: 'x@breakout.meet.jitsi' } }), 'daily@muc.meet.jitsi/b0000000');
  await news(update([]));
  await news(update({ a: 1, b: null, c: { jid: 7 } }));
  await news({ type: 'breakout_rooms' });
  expect(breakout().rooms.get()).toEqual([]);
  await news(update({ c: { jid: 'x@y', participants: { z: 1, y: { jid: 2 } } } }));
  expect(breakout().rooms.get()).toEqual([{ jid: 'x@y', name: '', isMain: false, people: [] }]);
});

test('a moderator may send us somewhere', async () => {
  const sent = vi.fn();
  breakout().on('sent', sent);
  const event = 'features/breakout-rooms/move-to-room';
  await news({ type: 'breakout_rooms', event, roomJid: 'x@breakout.meet.jitsi' });
  expect(sent).toHaveBeenCalledExactlyOnceWith('x@breakout.meet.jitsi');
});

test('commands go to the component', () => {
  breakout().add('Group A');
  breakout().send('b@meet.jitsi/r', 'x@breakout.meet.jitsi');
  breakout().rename('x@breakout.meet.jitsi', 'Group B');
  breakout().remove('x@breakout.meet.jitsi');
  const command = (attributes: string) =>
    `<message xmlns="jabber:client" to="breakout.meet.jitsi"><breakout_rooms ${attributes}/></message>`;
  expect(stage.sent()).toEqual([
    command('type="features/breakout-rooms/add" subject="Group A"'),
    command(
      'type="features/breakout-rooms/move-to-room" participantJid="b@meet.jitsi/r" roomJid="x@breakout.meet.jitsi"',
    ),
    command(
      'type="features/breakout-rooms/rename" breakoutRoomJid="x@breakout.meet.jitsi" subject="Group B"',
    ),
    command('type="features/breakout-rooms/remove" breakoutRoomJid="x@breakout.meet.jitsi"'),
  ]);
});
