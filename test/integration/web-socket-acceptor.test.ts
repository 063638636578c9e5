/** The WebSocket acceptor on a real socket, with time that the test moves. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@conclave/base';
import {
  WebSocketAcceptor,
  type WebSocketHandler,
  type WebSocketLink,
} from '@conclave/platform/net';
import { ManualClock } from '@conclave/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

let clock: ManualClock;
let acceptor: WebSocketAcceptor;
let server: Server;
let links: WebSocketLink[];
let handler: (link: WebSocketLink) => WebSocketHandler;

const quiet: WebSocketHandler = { handleMessage() {}, handleClose() {} };

beforeEach(async () => {
  clock = new ManualClock();
  links = [];
  handler = () => quiet;
  acceptor = new WebSocketAcceptor(
    { clock, timers: clock, logger: silentLogger },
    {
      subprotocol: 'xmpp',
      maxMessageBytes: 1000,
      maxBufferedBytes: 1_000_000,
      pingAfterMs: 15_000,
      timeoutMs: 60_000,
    },
  );
  server = createServer();
  server.on('upgrade', (request, socket, head) => {
    acceptor.accept({ request, socket, head }, (link) => {
      links.push(link);
      return handler(link);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  acceptor.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function connect(): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'xmpp', { autoPong: false });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  return socket;
}

const closeOf = (socket: WebSocket) =>
  new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));

describe('WebSocketAcceptor', () => {
  test('carries text both ways and tells of the end once', async () => {
    let closes = 0;
    handler = (link) => ({
      handleMessage: (text) => link.send(`heard ${text}`),
      handleClose: () => {
        closes++;
      },
    });
    const socket = await connect();
    expect(socket.protocol).toBe('xmpp');
    socket.send('this');
    const answer = await new Promise((resolve) =>
      socket.once('message', (d) => resolve(String(d))),
    );
    expect(answer).toBe('heard this');
    socket.close();
    await expect.poll(() => closes).toBe(1);
    expect(acceptor.counters.open).toBe(0);
    links[0]?.send('after the end');
    links[0]?.close(1000, '');
    expect(closes).toBe(1);
  });

  test('pings after 15 s of silence and gives up after 60 s', async () => {
    const socket = await connect();
    const pinged = new Promise((resolve) => socket.once('ping', resolve));
    clock.advance(14_000);
    clock.advance(6_000);
    await pinged;
    const closed = closeOf(socket);
    clock.advance(39_000);
    expect(acceptor.counters.closedSilent).toBe(0);
    clock.advance(6_000);
    expect(await closed).toBe(1006);
    expect(acceptor.counters.closedSilent).toBe(1);
  });

  test('an answer to the ping is a sign of life', async () => {
    const socket = await connect();
    clock.advance(20_000);
    await new Promise((resolve) => socket.once('ping', resolve));
    socket.pong();
    await new Promise((resolve) => socket.ping(resolve));
    await new Promise((resolve) => socket.once('pong', resolve));
    clock.advance(50_000);
    expect(acceptor.counters.closedSilent).toBe(0);
  });

  test('no timer runs when nobody is connected', async () => {
    expect(clock.pendingCount).toBe(0);
    const socket = await connect();
    expect(clock.pendingCount).toBe(1);
    socket.close();
    await expect.poll(() => acceptor.counters.open).toBe(0);
    clock.advance(15_000);
    expect(clock.pendingCount).toBe(0);
  });

  test.each([
    ['exactly the limit', 1000, undefined],
    ['one byte too many', 1001, 1009],
  ])('%s', async (_case, bytes, code) => {
    let heard = 0;
    handler = (link) => ({
      handleMessage: (text) => {
        heard = text.length;
        link.close(1000, '');
      },
      handleClose() {},
    });
    const socket = await connect();
    const closed = closeOf(socket);
    socket.send('x'.repeat(bytes));
    expect(await closed).toBe(code ?? 1000);
    expect(heard).toBe(code === undefined ? bytes : 0);
    expect(acceptor.counters.closedOversize).toBe(code === undefined ? 0 : 1);
  });

  test('a reader that does not read is cut off', async () => {
    const socket = await connect();
    socket.pause();
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 1000 && acceptor.counters.closedSlow === 0; i++) links[0]?.send(text);
    expect(acceptor.counters.closedSlow).toBe(1);
    socket.resume();
    expect(await closeOf(socket)).toBe(1006);
  });

  test("one handler's failure ends its connection with 1011, not the others", async () => {
    handler = () => ({
      handleMessage: (text) => {
        if (text === 'bad') throw new Error('a bug');
        links[1]?.send('fine');
      },
      handleClose() {},
    });
    const [bad, good] = [await connect(), await connect()];
    const closed = closeOf(bad);
    bad.send('bad');
    expect(await closed).toBe(1011);
    good.send('good');
    expect(await new Promise((resolve) => good.once('message', (d) => resolve(String(d))))).toBe(
      'fine',
    );
    expect(acceptor.counters.handlerFailures).toBe(1);
  });

  test('close says goodbye to everyone with 1001', async () => {
    const sockets = [await connect(), await connect()];
    const codes = Promise.all(sockets.map(closeOf));
    acceptor.close();
    expect(await codes).toEqual([1001, 1001]);
  });
});
