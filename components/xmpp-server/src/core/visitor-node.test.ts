import { parseJid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { VisitorAddresses } from './visitor-node.ts';

const meant = (addresses: VisitorAddresses, text: string) => {
  const jid = parseJid(text);
  return jid && addresses.meant(jid).full;
};

test.each([
  ['meet.example', 'muc.meet.example', 'daily@muc.v1.meet.jitsi/eve', 'daily@muc.meet.example/eve'],
  ['meet.jitsi', 'muc.meet.jitsi', 'daily@muc.v1.meet.jitsi', 'daily@muc.meet.jitsi'],
  ['meet.example', 'muc.meet.example', 'd@muc.acme.v1.meet.jitsi', 'd@muc.acme.meet.example'],
  ['meet.jitsi', 'muc.meet.jitsi', 'd@muc.v1.v1.meet.jitsi', 'd@muc.v1.meet.jitsi'],
])('with %s and rooms on %s, %s is %s', (domain, mucDomain, seen, real) => {
  const addresses = new VisitorAddresses(domain, mucDomain);
  expect(meant(addresses, seen)).toBe(real);
  expect(addresses.shown(real)).toBe(seen);
});

test.each(['polls.meet.jitsi', 'focus@auth.meet.jitsi/focus', 'room@breakout.meet.jitsi', 'x y'])(
  'the address %s is what it is',
  (address) => {
    const addresses = new VisitorAddresses('meet.jitsi', 'muc.meet.jitsi');
    expect(addresses.shown(address)).toBe(address);
  },
);

test('only rooms are known by the name of the node', () => {
  const addresses = new VisitorAddresses('meet.jitsi', 'muc.meet.jitsi');
  expect(meant(addresses, 'x@auth.v1.meet.jitsi/y')).toBe('x@auth.v1.meet.jitsi/y');
});

test('rooms on a domain without the name of the server keep their address', () => {
  const addresses = new VisitorAddresses('meet.example', 'rooms.other.example');
  expect(addresses.shown('daily@rooms.other.example')).toBe('daily@rooms.other.example');
  expect(meant(addresses, 'daily@rooms.other.example')).toBe('daily@rooms.other.example');
});
