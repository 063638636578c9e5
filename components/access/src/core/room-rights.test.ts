import { describe, expect, test } from 'vitest';
import { refuseRoom } from './room-rights.ts';

const open = { verifyDomain: false, mucDomain: 'muc.meet.jitsi' };
const strict = { verifyDomain: true, mucDomain: 'muc.meet.jitsi' };
/** `acme/daily` is the room of a tenant. */
function room(path: string) {
  const [, tenant, node = ''] = /^(?:([^/]*)\/)?(.*)$/.exec(path) ?? [];
  return { node, domain: tenant === undefined ? 'muc.meet.jitsi' : `muc.${tenant}.meet.jitsi` };
}

describe('the room claim', () => {
  test.each([
    ['*', 'daily', undefined],
    ['daily', 'daily', undefined],
    ['Daily', 'daily', undefined],
    ['daily', 'weekly', 'room-name-does-not-match'],
    ['daily', 'daily2', 'room-name-does-not-match'],
    ['', 'daily', 'room-name-does-not-match'],
    ['größe', 'gr%c3%b6%c3%9fe', undefined],
    ['\ud800', 'x', 'room-name-does-not-match'],
    ['daily', 'acme/daily', undefined],
    ['daily', 'acme/', 'invalid-room-address'],
    ['*', 'no.tenant/daily', 'invalid-room-address'],
    // A pattern only counts together with domain verification.
    ['dai.*', 'daily', 'room-name-does-not-match'],
  ])('%j and the room %j: %s', (claim, name, refusal) => {
    const claims = { room: claim, context: { room: { regex: true } } };
    expect(refuseRoom(claims, open, room(name))).toBe(refusal);
  });

  test.each([null, 5, {}, ['daily'], undefined])('%j is no room', (claim) => {
    expect(refuseRoom({ room: claim }, open, room('daily'))).toBe('room-name-does-not-match');
  });
});

describe('with domain verification', () => {
  test.each([
    ['meet.jitsi', 'daily', undefined],
    ['Meet.Jitsi', 'daily', undefined],
    ['*', 'daily', undefined],
    ['*', 'acme/daily', undefined],
    ['acme', 'acme/daily', undefined],
    ['acme', 'other/daily', 'room-mismatch'],
    ['acme', 'daily', 'room-mismatch'],
    ['meet.jitsi', 'acme/daily', 'room-mismatch'],
    ['', 'daily', 'room-mismatch'],
  ])('sub %j and the room %j: %s', (sub, name, refusal) => {
    expect(refuseRoom({ room: 'daily', sub }, strict, room(name))).toBe(refusal);
  });

  test.each([
    ['class-.*', 'class-7b', undefined],
    ['class-.+', 'class-', 'room-name-does-not-match'],
    ['^class%.7.$', 'class.7b', undefined],
    ['a.-b.-c', 'a1b2c', undefined],
    ['.*', 'anything', undefined],
    ['class', 'class7', 'room-name-does-not-match'],
    ['[a-z]+', 'abc', 'invalid-regex'],
    ['%a+', 'abc', 'invalid-regex'],
    ['(a+)+b', 'aaaa', 'invalid-regex'],
    [`${'.*'.repeat(128)}x`, 'a'.repeat(500), 'invalid-regex'],
    [`${'.*'.repeat(127)}x`, 'a'.repeat(500), 'room-name-does-not-match'],
  ])('the pattern %j and the room %j: %s', (claim, name, refusal) => {
    const claims = { room: claim, sub: '*', context: { room: { regex: 'true' } } };
    expect(refuseRoom(claims, strict, room(name))).toBe(refusal);
  });

  test.each([undefined, false, 1, 'yes'])('no pattern where "regex" is %j', (regex) => {
    const claims = { room: 'class.7', sub: '*', context: { room: { regex } } };
    expect(refuseRoom(claims, strict, room('class.7'))).toBeUndefined();
    expect(refuseRoom(claims, strict, room('class-7'))).toBe('room-name-does-not-match');
  });
});
