/** Clients that mean harm at the web server's edge: bounded, and nobody else notices. */
import { readdirSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CONNECTION_LIMIT = 100;
const CLOSE = '\r\nConnection: close\r\n\r\n';
let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({
    environment: { WEB_MAX_CONNECTIONS_PER_ADDRESS: String(CONNECTION_LIMIT) },
  });
});
afterAll(() => server.stop());

function openTcp(): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp(server.httpPort, 'localhost');
    socket.on('error', () => resolve(undefined));
    socket.on('connect', () => resolve(socket));
  });
}

async function raw(text: string): Promise<string> {
  const socket = connectTls({ port: server.httpsPort, host: 'localhost', ca: server.certificate });
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString();
  });
  socket.on('error', () => {});
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

describe('a hostile client', () => {
  test('a frame of 10 MB ends its connection with 1009, and only its own', async () => {
    const other = await XmppClient.connect(server);
    await other.login();
    const socket = new WebSocket(`wss://localhost:${server.httpsPort}/xmpp-websocket`, 'xmpp', {
      ca: server.certificate,
    });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send(`<message>${'x'.repeat(10 * 1024 * 1024)}</message>`);
    expect([1006, 1009]).toContain(await closed);
    const pong = await other.ask('get', 'meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
    expect(pong.attribute('type')).toBe('result');
    other.close();
  });

  test('binary frames are not XMPP', async () => {
    const socket = new WebSocket(`wss://localhost:${server.httpsPort}/xmpp-websocket`, 'xmpp', {
      ca: server.certificate,
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send(Buffer.from([1, 2, 3]));
    expect(await closed).toBe(1003);
  });

  test('headers that never end are answered with 408 after 10 s', async () => {
    const started = Date.now();
    const answer = await raw('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(Date.now() - started).toBeLessThan(20_000);
  }, 30_000);

  test.each([
    [
      'headers of 100 kB',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
    ],
    ['noise', '\u0001\u0002\u0003\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'an absolute target',
      'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
  ])('%s is refused', async (_case, text, status) => {
    expect(await raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test('a thousand requests in one breath end their connection, and leave no file open', async () => {
    const asset = /"(\/assets\/[^"]+\.js)"/.exec((await server.get('/')).body)?.[1] ?? '';
    const openFiles = () => readdirSync(`/proc/${server.process.pid}/fd`).length;
    const before = openFiles();
    const request = `GET ${asset} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    await Promise.all(Array.from({ length: 10 }, () => raw(request.repeat(1000))));
    await expect.poll(openFiles, { timeout: 5_000 }).toBeLessThanOrEqual(before + 5);
    // A few are answered in their order.
    const answers = await raw(`${request.repeat(2)}${request.replace('\r\n\r\n', CLOSE)}`);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  test('1000 connections from one address are bounded, and free again afterwards', async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, openTcp));
    // Who is let in gets an answer to a request; who is not sees the end of the connection.
    const answered = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<boolean>((resolve) => {
            if (socket === undefined || socket.destroyed) return resolve(false);
            socket.once('data', () => resolve(true));
            socket.once('close', () => resolve(false));
            socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
          }),
      ),
    );
    const open = answered.filter(Boolean).length;
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(CONNECTION_LIMIT);
    for (const socket of sockets) socket?.destroy();
    await expect
      .poll(
        () =>
          server.get('/about/health').then(
            (a) => a.status,
            () => 0,
          ),
        { timeout: 5000 },
      )
      .toBe(200);
    expect(server.isRunning).toBe(true);
  });
});
