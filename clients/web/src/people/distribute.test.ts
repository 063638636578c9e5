import type { BreakoutRoom } from '@conclave/sdk';
import { expect, test } from 'vitest';
import { distribute } from './distribute.ts';

function room(jid: string, isMain: boolean, ...ids: string[]): BreakoutRoom {
  const people = ids.map((id) => ({ id, jid: `${id}@meet.jitsi/r`, displayName: id }));
  return { jid, name: jid, isMain, people };
}

const plan = (...rooms: BreakoutRoom[]) =>
  distribute(rooms, 'me').map(({ person, room: to }) => `${person.id} to ${to.jid}`);

test.each([
  ['no room to go to', [room('main', true, 'me', 'a')], []],
  ['nobody to send', [room('main', true, 'me'), room('x', false)], []],
  [
    'all become equally full',
    [room('main', true, 'a', 'me', 'b', 'c'), room('x', false, 'd'), room('y', false)],
    ['a to y', 'b to x', 'c to y'],
  ],
])('%s', (_, rooms, expected) => {
  expect(plan(...rooms)).toEqual(expected);
});
