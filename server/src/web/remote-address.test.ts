import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { noteRemoteAddress, remoteAddress } from './remote-address.ts';

const proxies = new BlockList();
proxies.addAddress('127.0.0.1');
proxies.addAddress('::1', 'ipv6');
proxies.addSubnet('10.0.0.0', 8);

function seen(from: string, forwarded?: string | string[]): string {
  const request = {
    socket: { remoteAddress: from },
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
  } as unknown as IncomingMessage;
  noteRemoteAddress(request, proxies);
  return remoteAddress(request);
}

test.each([
  ['192.0.2.7', undefined, '192.0.2.7'],
  ['::ffff:192.0.2.7', undefined, '192.0.2.7'],
  // Nobody but a proxy is believed.
  ['192.0.2.7', '198.51.100.1', '192.0.2.7'],
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::1', '2001:db8::5', '2001:db8::5'],
  // What the client wrote itself comes before what the proxy appended.
  ['127.0.0.1', '10.1.1.1, 6.6.6.6, 198.51.100.1', '198.51.100.1'],
  ['127.0.0.1', '198.51.100.1, 10.0.0.3', '198.51.100.1'],
  ['127.0.0.1', ['6.6.6.6', '198.51.100.1'], '198.51.100.1'],
  ['127.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['127.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
  ['127.0.0.1', 'unknown', '127.0.0.1'],
  ['127.0.0.1', '', '127.0.0.1'],
  ['127.0.0.1', `198.51.100.1,${'10.0.0.3,'.repeat(1000)}10.0.0.4`, '10.0.0.3'],
])('from %s, forwarded for %j: %s', (from, forwarded, address) => {
  expect(seen(from, forwarded)).toBe(address);
});
