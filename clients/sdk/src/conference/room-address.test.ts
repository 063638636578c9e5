import { SeededRandom } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { endpointIdFor, normaliseRoomName, roomJid } from './room-address.ts';

describe('room addresses', () => {
  test.each([
    ['Daily', 'daily@muc'],
    ['Büro', 'b%c3%bcro@muc'],
    ['a b', 'a%20b@muc'],
    ['ﬁne', 'fine@muc'],
  ])('%j is %j', (name, expected) => {
    expect(roomJid(name, 'muc')).toBe(expected);
  });

  test('the name for the server is composed and in lower case', () => {
    expect(normaliseRoomName('BU\u0308RO')).toBe('büro');
  });
});

describe('endpointIdFor', () => {
  test('takes the first eight digits of our account', () => {
    expect(endpointIdFor('A1b2C3d4-5c6d@meet.jitsi/r', new SeededRandom(1))).toBe('a1b2c3d4');
  });

  test.each(['', 'ada@meet.jitsi', 'a1b2c3@x'])('else eight at random, for %j', (jid) => {
    expect(endpointIdFor(jid, new SeededRandom(1))).toMatch(/^[0-9a-f]{8}$/);
  });
});
