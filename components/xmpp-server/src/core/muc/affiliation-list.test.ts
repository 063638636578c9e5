import { Jid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { ScriptRun } from '../../script-runner/run-script.ts';
import { listAffiliation } from './affiliation-list.ts';
import { Room } from './room.ts';

const { core } = new ScriptRun({ options: {}, limits: { maxAffiliations: 100 } }).core;

function fullRoom(affiliation: 'admin' | 'member'): Room {
  const room = new Room(new Jid('daily', 'muc.meet.jitsi'), 'm', 0);
  for (let i = 0; i < 100; i++) listAffiliation({ core }, room, `p${i}@meet.jitsi`, affiliation);
  return room;
}

test('the list of a room has an end, for bans as for others', () => {
  const room = fullRoom('admin');
  const add = (bareJid: string, affiliation: 'outcast' | 'none') =>
    listAffiliation({ core }, room, bareJid, affiliation);
  expect(add('one-more@meet.jitsi', 'outcast')).toBe(false);
  expect(room.affiliations.size).toBe(100);
  // Whoever is on it already may be given another, and leaves room when taken off.
  expect(add('p1@meet.jitsi', 'outcast')).toBe(true);
  expect(add('p2@meet.jitsi', 'none')).toBe(true);
  expect(add('one-more@meet.jitsi', 'outcast')).toBe(true);
});

test('members who are away make room for others', () => {
  const room = fullRoom('member');
  expect(listAffiliation({ core }, room, 'one-more@meet.jitsi', 'outcast')).toBe(true);
  expect(room.affiliations.size).toBe(100);
  expect(room.affiliationOf('p0@meet.jitsi')).toBe('none');
  expect(room.affiliationOf('p1@meet.jitsi')).toBe('member');
});
