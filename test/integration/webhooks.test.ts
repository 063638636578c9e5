/** Webhooks to real receivers: one that is well, one that fails at first, one that hangs, one that redirects, one that is not there. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Event {
  readonly type: string;
  readonly data: {
    readonly room: { readonly name: string; readonly meetingId: string; readonly kind: string };
    readonly occupant?: { readonly id: string; readonly displayName: string };
    readonly reason?: string;
  };
}

let receiver: Server;
let server: ServerProcess;
const received: Received[] = [];
let onReceived = () => {};

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body });
      const isFirst = received.filter((one) => one.path === path).length === 1;
      if (path === '/redirects') response.writeHead(307, { location: '/inside' }).end();
      else if (path === '/slow') response.write('still thinking');
      else response.writeHead(path === '/weak' && isFirst ? 500 : 204).end();
      onReceived();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const nobody = `http://127.0.0.1:${await freeTcpPort()}/`;
  server = await ServerProcess.start({
    environment: {
      WEBHOOK_URLS: `${base}/well,${base}/weak,${base}/slow,${base}/redirects,${nobody}`,
    },
  });
});
afterAll(async () => {
  await server?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
});

const at = (path: string) => received.filter((one) => one.path === path);
const eventOf = ({ body }: Received) => JSON.parse(body) as Event;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      onReceived = resolve;
    });
  }
}

test('tell of rooms and people, signed, also when other receivers are in trouble', async () => {
  const ada = await XmppClient.connect(server);
  await ada.login();
  await ada.join('daily@muc.meet.jitsi');
  const ben = await XmppClient.connect(server);
  await ben.login();
  await ben.join('daily@muc.meet.jitsi');
  ben.send(
    `<presence xmlns="jabber:client" type="unavailable" to="daily@muc.meet.jitsi/${ben.nick}"/>`,
  );
  // Created, two joined, ada made owner by the focus, ben left.
  await until(() => at('/well').length >= 5);
  const events = at('/well').map(eventOf);
  const types = events.map(({ type }) => type).sort();
  expect(types).toEqual([
    'occupant.joined',
    'occupant.joined',
    'occupant.left',
    'occupant.role-changed',
    'room.created',
  ]);
  const left = events.find(({ type }) => type === 'occupant.left');
  expect(left?.data).toMatchObject({
    room: { name: 'daily', kind: 'conference' },
    occupant: { id: ben.nick, displayName: ben.nick },
    reason: 'left',
  });
  expect(new Set(events.map(({ data }) => data.room.meetingId)).size).toBe(1);

  const secret = readFileSync(join(server.config, 'webhook-secret'), 'utf8').trim();
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  for (const { headers, body } of received) {
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', key).update(text).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  }
  ada.close();
  ben.close();
});

test('come again to a receiver that failed, and never follow a redirect', async () => {
  const again = () => {
    const [first] = at('/weak');
    const id = first?.headers['webhook-id'];
    return at('/weak').filter(({ headers }) => headers['webhook-id'] === id);
  };
  await until(() => again().length === 2);
  expect(again()[1]?.body).toBe(again()[0]?.body);
  expect(at('/redirects')).not.toEqual([]);
  expect(at('/inside')).toEqual([]);
});

test('say at the end that everybody left, and do not keep the server', async () => {
  const eve = await XmppClient.connect(server);
  await eve.login();
  await eve.join('late@muc.meet.jitsi');
  const startedMs = Date.now();
  expect((await server.stop()).code).toBe(0);
  expect(Date.now() - startedMs).toBeLessThan(5_000);
  const late = at('/well')
    .map(eventOf)
    .filter(({ data }) => data.room.name === 'late');
  expect(late.map(({ type }) => type)).toContain('room.ended');
});

test('an event that does not exist ends the start', async () => {
  const broken = await ServerProcess.launch({
    environment: { WEBHOOK_URLS: 'https://example.com/', WEBHOOK_EVENTS: 'room.opened' },
  });
  expect((await broken.exited).code).toBe(1);
  expect(broken.stderr).toMatch(/WEBHOOK_EVENTS names "room\.opened": expected room\.created/);
});
