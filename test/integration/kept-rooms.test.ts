/** Rooms that are kept: set before the first meeting, there again after a restart of the server. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const ROOM = 'board@muc.meet.jitsi';
const MUC = 'http://jabber.org/protocol/muc';
const OWNER = 'http://jabber.org/protocol/muc#owner';
const config = mkdtempSync(join(tmpdir(), 'conclave-kept-'));
let server: ServerProcess | undefined;
let port = 0;

afterAll(async () => {
  await server?.stop();
  rmSync(config, { recursive: true, force: true });
});

async function start(): Promise<ServerProcess> {
  port = await freeTcpPort();
  server = await ServerProcess.start({
    config,
    environment: { ADMIN_API_ENABLED: '1', JVB_COLIBRI_PORT: String(port), KEEP_ROOMS: 'owners' },
  });
  return server;
}

async function ask(method: string, path: string, body?: unknown): Promise<number> {
  const secret = readFileSync(join(config, 'admin-token'), 'utf8').trim();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

async function client(on: ServerProcess): Promise<XmppClient> {
  const connected = await XmppClient.connect(on);
  await connected.login();
  return connected;
}

/** The own presence, or the refusal. */
async function enter(person: XmppClient, room: string, password: string) {
  await person.requestConference(room);
  const address = `${room}/${person.nick}`;
  const secret = `<password>${password}</password>`;
  person.send(
    `<presence xmlns="jabber:client" to="${address}"><x xmlns="${MUC}">${secret}</x></presence>`,
  );
  return person.take(
    'own presence',
    (e) => e.name === 'presence' && e.attribute('from') === address,
  );
}

test('a room is locked before its first meeting, and still after a restart', async () => {
  const first = await start();
  const settings = { password: 's3cret', subject: 'Board', moderators: ['account:ada'] };
  expect(await ask('PUT', '/v1/kept-rooms/board', settings)).toBe(200);
  const eve = await client(first);
  expect((await eve.join(ROOM)).attribute('type')).toBe('error');
  const ben = await client(first);
  const entered = await enter(ben, ROOM, 's3cret');
  expect(entered.attribute('type')).toBeUndefined();
  const subject = await ben.take('the subject', (e) => e.child('subject') !== undefined);
  expect(subject.child('subject')?.text).toBe('Board');
  // It has moderators of its own: being first makes nobody one.
  expect(entered.toString()).toContain('role="participant"');

  // An owner keeps another room by the form that clients fill in.
  await ben.join('team@muc.meet.jitsi');
  await ben.take('to be owner', (e) =>
    e.toString().includes('affiliation="owner" role="moderator"'),
  );
  const field = (name: string, value: string) =>
    `<field var="muc#roomconfig_${name}"><value>${value}</value></field>`;
  const kept = await ben.ask(
    'set',
    'team@muc.meet.jitsi',
    `<query xmlns="${OWNER}"><x xmlns="jabber:x:data" type="submit">${field('persistentroom', '1')}${field('roomsecret', 'x7')}</x></query>`,
  );
  expect(kept.attribute('type')).toBe('result');
  await first.stop();

  const second = await start();
  const fay = await client(second);
  expect((await fay.join(ROOM)).attribute('type')).toBe('error');
  expect((await enter(fay, ROOM, 's3cret')).attribute('type')).toBeUndefined();
  expect((await fay.join('team@muc.meet.jitsi')).attribute('type')).toBe('error');
  expect((await enter(fay, 'team@muc.meet.jitsi', 'x7')).attribute('type')).toBeUndefined();
  expect(await ask('DELETE', '/v1/kept-rooms/board')).toBe(200);
  expect(await ask('GET', '/v1/kept-rooms/board')).toBe(404);
});
