import { expect, test } from 'vitest';
import { plainAck } from './stream-management-requests.ts';

test.each([
  ['<a xmlns="urn:xmpp:sm:3" h="0"/>', 0],
  ["<a xmlns='urn:xmpp:sm:3' h='17'/>", 17],
  ['<a xmlns="urn:xmpp:sm:3" h="4294967295" />', 4_294_967_295],
])('%s is an acknowledgement', (frame, h) => {
  expect(plainAck(frame)).toBe(h);
});

test.each([
  ['<a xmlns="urn:xmpp:sm:3" h="4294967296"/>'],
  ['<a xmlns="urn:xmpp:sm:3" h="-1"/>'],
  ['<a xmlns="urn:xmpp:sm:3" h=""/>'],
  ['<a h="1" xmlns="urn:xmpp:sm:3"/>'],
  ['<a xmlns="urn:xmpp:sm:2" h="1"/>'],
  ['<a xmlns="urn:xmpp:sm:3" h="1\'/>'],
  ['<a xmlns="urn:xmpp:sm:3" h="1"/><r/>'],
  ['<r xmlns="urn:xmpp:sm:3"/>'],
  [''],
])('%j is left to the parser', (frame) => {
  expect(plainAck(frame)).toBeUndefined();
});
