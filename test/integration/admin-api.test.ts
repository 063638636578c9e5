/** The admin API and `conclave rooms` against a running server with people in a room. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchAnswer, freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const ROOM = 'standup@muc.meet.jitsi';

let server: ServerProcess;
let port = 0;
let secret = '';
let ada: XmppClient;
let ben: XmppClient;

beforeAll(async () => {
  port = await freeTcpPort();
  server = await ServerProcess.start({
    environment: { ADMIN_API_ENABLED: '1', JVB_COLIBRI_PORT: String(port) },
  });
  secret = readFileSync(join(server.config, 'admin-token'), 'utf8').trim();
  [ada, ben] = [await enter(), await enter()];
});
afterAll(() => server?.stop());

async function enter(): Promise<XmppClient> {
  const client = await XmppClient.connect(server);
  await client.login();
  await client.join(ROOM);
  return client;
}

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** Runs the command line in a folder of its own, with the settings of the server. */
async function cli(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: server.config,
    env: { PATH: process.env.PATH ?? '', CONFIG: server.config, JVB_COLIBRI_PORT: String(port) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output };
}

function auditEvents(): Record<string, string>[] {
  const lines = readFileSync(join(server.config, 'audit.log'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, string>);
}

describe('the admin API', () => {
  test('keeps its secret to itself', async () => {
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(server.config, 'admin-token')).mode & 0o777).toBe(0o600);
    const answer = await fetchAnswer({ path: '/v1/rooms', method: 'GET', headers: {}, port });
    expect(answer.status).toBe(401);
    const foreign = { host: 'evil.example', authorization: `Bearer ${secret}` };
    const other = { path: '/v1/rooms', method: 'GET', headers: foreign, port };
    expect((await fetchAnswer(other)).status).toBe(403);
    // Not on the public ports, and no figures that were not asked for.
    expect((await server.get('/v1/rooms', { authorization: `Bearer ${secret}` })).body).not.toMatch(
      /standup/,
    );
    const metrics = { path: '/metrics', method: 'GET', headers: {}, port };
    expect((await fetchAnswer(metrics)).status).toBe(404);
  });

  test('shows rooms and who is in them', async () => {
    const { json } = await ask('GET', '/v1/rooms/standup');
    expect(json).toMatchObject({ jid: ROOM, participants: 2, isLocked: false });
    expect((json.occupants as { id: string }[]).map(({ id }) => id)).toEqual([ada.nick, ben.nick]);
    expect((await ask('GET', '/room-size?room=standup')).json).toEqual({ participants: 2 });
    const census = (await ask('GET', '/room-census')).json;
    expect(census).toMatchObject({ room_census: [{ room_name: ROOM, participants: 2 }] });
  });

  test('locks: a newcomer needs the password', async () => {
    expect((await ask('PUT', '/v1/rooms/standup/password', { password: 'sesame-7' })).status).toBe(
      200,
    );
    await ada.take('the news', (e) => e.name === 'message' && `${e}`.includes('code="104"'));
    const eve = await XmppClient.connect(server);
    await eve.login();
    const refusal = await eve.join(ROOM);
    expect(`${refusal}`).toContain('not-authorized');
    eve.close();
    await ask('PUT', '/v1/rooms/standup/password', { password: null });
  });

  test('mutes: the client hears it from the focus', async () => {
    const { json } = await ask('POST', `/v1/rooms/standup/occupants/${ben.nick}/mute`, {
      media: ['audio'],
    });
    expect(json).toEqual({ muted: 1 });
    const mute = await ben.take('the mute', (e) => e.child('mute') !== undefined);
    expect(mute.attribute('from')).toBe(`${ROOM}/focus`);
    expect(`${mute}`).toContain('http://jitsi.org/jitmeet/audio');
    const all = await ask('POST', '/v1/rooms/standup/mute', { media: ['video'] });
    expect(all.json).toEqual({ muted: 2 });
  });

  test('the command line does the same', async () => {
    const shown = await cli(['rooms', 'list']);
    expect(shown).toEqual({ code: 0, output: 'standup  2 people\n' });
    expect((await cli(['rooms', 'show', 'standup'])).output).toContain(`${ben.nick}  participant`);
    expect((await cli(['rooms', 'lock', 'standup'], 'sesame-8\n')).output).toBe('locked\n');
    expect((await cli(['rooms', 'list'])).output).toContain('(locked)');
    expect((await cli(['rooms', 'unlock', 'standup'])).output).toBe('open\n');
    expect((await cli(['rooms', 'lobby', 'standup', 'on'])).output).toBe('lobby on\n');
    expect((await cli(['rooms', 'waiting', 'standup'])).output).toBe('Nobody waits.\n');
    expect((await cli(['rooms', 'admit', 'standup', 'a1'])).code).toBe(1);
    expect((await cli(['rooms', 'deny', 'standup', 'a1'])).code).toBe(1);
    expect((await cli(['rooms', 'lobby', 'standup', 'off'])).output).toBe('lobby off\n');
    expect((await cli(['rooms', 'mute', 'standup'])).output).toBe('muted: 2\n');
    expect((await cli(['rooms', 'moderator', 'standup', ben.nick, 'on'])).output).toBe(
      'moderator\n',
    );
    expect(await cli(['rooms', 'show', 'absent'])).toEqual({
      code: 1,
      output: 'conclave rooms show: There is no such room now.\n',
    });
    expect((await cli(['rooms', 'lobby', 'standup', 'maybe'])).code).toBe(2);
    expect((await cli(['rooms', 'kick', 'standup'])).code).toBe(2);
  });

  test('the command line keeps rooms', async () => {
    expect((await cli(['rooms', 'kept'])).output).toBe('No rooms are kept.\n');
    const keep = ['rooms', 'keep', 'weekly', '--lock', '--moderator', 'account:ada', '--max', '20'];
    expect(await cli(keep, 'sesame-9\n')).toEqual({ code: 0, output: 'kept\n' });
    expect((await cli(['rooms', 'kept'])).output).toBe('weekly@muc.meet.jitsi\n');
    const { json } = await ask('GET', '/v1/kept-rooms/weekly');
    expect(json).toMatchObject({ isLocked: true, moderators: ['account:ada'], maxOccupants: 20 });
    expect((await cli(['rooms', 'keep', 'weekly', '--max', 'many'])).code).toBe(2);
    expect((await cli(['rooms', 'forget', 'weekly'])).output).toBe('no longer kept\n');
    expect((await cli(['rooms', 'forget', 'weekly'])).code).toBe(1);
  });

  test('kicks with a reason, and ends', async () => {
    const kicked = await cli(['rooms', 'kick', 'standup', ben.nick, '--reason', 'Enough']);
    expect(kicked.output).toBe('removed\n');
    const leave = await ben.take('the kick', (e) => `${e}`.includes('code="307"'));
    expect(`${leave}`).toContain('Enough');
    expect((await ask('POST', '/v1/rooms/standup/end', {})).status).toBe(200);
    await ada.take('the end', (e) => e.attribute('type') === 'unavailable');
    expect((await ask('GET', '/v1/rooms')).json).toEqual({ rooms: [] });
    ada.close();
    ben.close();
  });

  test('the audit log goes on in a new file when the old one was moved away', async () => {
    const path = join(server.config, 'audit.log');
    renameSync(path, `${path}.moved`);
    server.process.kill('SIGHUP');
    while (!existsSync(path)) await cli(['rooms', 'forget', 'nothing']);
    expect(server.isRunning).toBe(true);
    // For the test that follows.
    appendFileSync(path, readFileSync(`${path}.moved`));
  });

  test('all of it is in the audit log, without a password or the secret', async () => {
    const events = auditEvents();
    const names = new Set(events.map(({ event }) => event));
    for (const name of [
      'admin.call',
      'room.password',
      'room.mute',
      'room.lobby',
      'room.kick',
      'room.end',
    ]) {
      expect(names).toContain(name);
    }
    expect(events.find(({ event }) => event === 'room.kick')).toMatchObject({
      actor: 'administrator',
      target: ben.jid,
      reason: 'Enough',
    });
    const text = JSON.stringify(events) + server.stdout + server.stderr;
    for (const hidden of ['sesame-7', 'sesame-8', 'sesame-9', secret])
      expect(text).not.toContain(hidden);
  });
});
