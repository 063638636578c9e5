import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { MediaRelay } from './media-relay.ts';

const sockets: { close(): void }[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  sockets.push(socket);
  return socket;
}

async function next(socket: Socket): Promise<string> {
  const [datagram] = await once(socket, 'message');
  return String(datagram);
}

test('passes both ways, impairs as told, injects', async () => {
  const bridge = await bound();
  const browser = await bound();
  bridge.on('message', (datagram, { port }) => bridge.send(`re ${datagram}`, port, '127.0.0.1'));
  const relay = await MediaRelay.start(bridge.address().port);
  sockets.push(relay);
  const say = (text: string) => browser.send(text, relay.port, '127.0.0.1');

  const plain = next(browser);
  say('one');
  expect(await plain).toBe('re one');

  relay.impairment = (datagram, direction) =>
    direction === 'toBridge' && String(datagram) === 'two' ? [] : [datagram];
  const afterLoss = next(browser);
  say('two');
  say('three');
  expect(await afterLoss).toBe('re three');
  expect(relay.seen).toEqual({ toBridge: 3, toBrowser: 2 });

  const injected = next(bridge);
  relay.injectToBridge(Buffer.from('four'));
  expect(await injected).toBe('four');
});
