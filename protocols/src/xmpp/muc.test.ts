import { expect, test } from 'vitest';
import { xml } from '../xml/index.ts';
import { mucUserFromXml, mucUserToXml, parseAffiliation, parseRole } from './muc.ts';
import { NS } from './namespaces.ts';

test('muc#user is read as it is written (XEP-0045)', () => {
  const user = {
    item: {
      affiliation: 'none',
      role: 'none',
      jid: 'a@b/c',
      nick: 'n',
      actorNick: 'boss',
      reason: 'out',
    },
    statusCodes: [307, 110],
    destroy: { jid: 'd@e', reason: 'over' },
  } as const;
  expect(mucUserFromXml(xml('presence', NS.client, {}, mucUserToXml(user)))).toEqual(user);
});

test('reads what is missing or odd without failing', () => {
  expect(mucUserFromXml(xml('presence', NS.client))).toBeUndefined();
  const x = xml(
    'x',
    NS.mucUser,
    {},
    xml('item', NS.mucUser, { affiliation: 'king', role: 'jester' }),
    xml('status', NS.mucUser, { code: '1e2' }),
    xml('status', NS.mucUser),
  );
  expect(mucUserFromXml(xml('presence', NS.client, {}, x))).toEqual({
    item: { affiliation: 'none', role: 'none' },
    statusCodes: [],
  });
});

test.each(['owner', 'admin', 'member', 'none', 'outcast'])('affiliation %s', (text) => {
  expect(parseAffiliation(text)).toBe(text);
});

test.each(['moderator', 'participant', 'visitor', 'none'])('role %s', (text) => {
  expect(parseRole(text)).toBe(text);
});

test('anything else is neither', () => {
  expect([parseAffiliation('Owner'), parseAffiliation(undefined), parseRole('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
