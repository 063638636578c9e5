import { Jid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { listAffiliation } from './affiliations.ts';
import { Room } from './room.ts';

test('the list of a room has an end, for bans as for members', () => {
  const room = new Room(new Jid('daily', 'muc.meet.jitsi'), 'm', 0);
  for (let i = 0; i < 10_000; i++) listAffiliation(room, `p${i}@meet.jitsi`, 'member');
  expect(listAffiliation(room, 'one-more@meet.jitsi', 'outcast')).toBe(false);
  expect(room.affiliations.size).toBe(10_000);
  // Whoever is on it already may be given another, and leaves room when taken off.
  expect(listAffiliation(room, 'p1@meet.jitsi', 'outcast')).toBe(true);
  expect(listAffiliation(room, 'p2@meet.jitsi', 'none')).toBe(true);
  expect(listAffiliation(room, 'one-more@meet.jitsi', 'outcast')).toBe(true);
});
