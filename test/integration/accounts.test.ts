/** A server with accounts and guests, as built, and the `conclave user` commands beside it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { XmlElement } from '@conclave/protocols/xml';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const SETTINGS = { ENABLE_AUTH: '1', AUTH_TYPE: 'internal', LOG_LEVEL: 'debug' };
const FOCUS = 'http://jitsi.org/protocol/focus';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const GUESTS = 'guest.meet.jitsi';
const SECRETS = ['correct horse of ada', 'the password of bea', 'wrong battery', 'a newer secret'];

let server: ServerProcess;
const clients: XmppClient[] = [];

function conclave(args: readonly string[], input = ''): { code: number | null; output: string } {
  const result = spawnSync(process.execPath, [CLI_FILE, 'user', ...args], {
    env: { PATH: process.env.PATH ?? '', CONFIG: server.config, ...SETTINGS },
    input,
    encoding: 'utf8',
  });
  return { code: result.status, output: result.stdout.trim() + result.stderr };
}

async function connect(): Promise<XmppClient> {
  const client = await XmppClient.connect(server);
  clients.push(client);
  return client;
}

async function logIn(user: string, password: string): Promise<[XmppClient, string | undefined]> {
  const client = await connect();
  return [client, await client.loginWithPassword(user, password)];
}

async function comeAsGuest(): Promise<XmppClient> {
  const client = await connect();
  await client.login(GUESTS);
  return client;
}

interface PostAnswer {
  readonly status: number;
  readonly body: string;
  readonly location: string;
}

/** A form; what is more than texts goes as JSON. */
function post(path: string, body: Record<string, unknown>): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const { httpsPort: port, certificate: ca } = server;
    const origin = `https://localhost:${port}`;
    const isForm = Object.values(body).every((value) => typeof value === 'string');
    const text = isForm
      ? new URLSearchParams(body as Record<string, string>).toString()
      : JSON.stringify(body);
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const headers = { 'content-type': type, origin };
    const sent = request({ host: 'localhost', port, path, ca, headers, method: 'POST' });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let answer = '';
      for await (const chunk of response) answer += String(chunk);
      const location = response.headers.location ?? '';
      resolve({ status: response.statusCode ?? 0, body: answer, location });
    });
    sent.end(text);
  });
}

/** Resolves when the server has begun to read the form, of which nothing comes. */
function postWithoutEnd(path: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { httpsPort: port, certificate: ca } = server;
    const socket = connectTls({ host: 'localhost', port, ca }, () => {
      const origin = `https://localhost:${port}`;
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${origin}\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n`,
      );
    });
    socket.on('error', reject);
    socket.once('data', (data) => {
      if (String(data).startsWith('HTTP/1.1 100 ')) resolve(socket);
      else reject(new Error(String(data)));
    });
  });
}

const conditionOf = (iq: XmlElement) => [...(iq.child('error')?.elements() ?? [])][0]?.name;
const conferenceOf = (iq: XmlElement) => iq.child('conference', FOCUS);
const itemOf = (presence: XmlElement) => presence.child('x', MUC_USER)?.child('item');

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

describe('accounts', () => {
  beforeAll(async () => {
    server = await ServerProcess.start({
      environment: { ...SETTINGS, ENABLE_GUESTS: '1', ENABLE_HTTP_REDIRECT: '0' },
    });
    expect(conclave(['add', 'Ada', '--display-name', 'Ada L.'], `${SECRETS[0]}\n`)).toEqual({
      code: 0,
      output: 'added ada',
    });
  });
  afterAll(() => server.stop());

  test('what the command adds while the server runs can log in at once, and nobody else', async () => {
    const [ada, refusal] = await logIn('ada', SECRETS[0] ?? '');
    expect(refusal).toBeUndefined();
    expect(ada.jid).toMatch(/^ada@meet\.jitsi\//);
    expect((await logIn('ada', 'wrong battery'))[1]).toBe('not-authorized');
    expect((await logIn('nobody', SECRETS[0] ?? ''))[1]).toBe('not-authorized');
    expect(conclave(['list']).output).toMatch(/^ada +active +\d{4}-\d\d-\d\d {2}Ada L\.$/);
    expect(statSync(join(server.config, 'accounts.sqlite')).mode & 0o777).toBe(0o600);
  });

  test('a guest waits for a host, and enters when one is there', async () => {
    const guest = await comeAsGuest();
    const room = 'waiting@muc.meet.jitsi';
    expect(conditionOf(await guest.requestConference(room))).toBe('not-authorized');
    const [ada] = await logIn('ada', SECRETS[0] ?? '');
    const own = await ada.join(room);
    expect(itemOf(own)?.attribute('affiliation')).toBe('owner');
    expect(own.child('identity')?.child('user')?.child('name')?.text).toBe('Ada L.');
    const reply = conferenceOf(await guest.requestConference(room));
    expect(reply?.attribute('ready')).toBe('true');
    const properties = reply
      ?.childrenNamed('property')
      .map((p) => [p.attribute('name'), p.attribute('value')]);
    expect(properties).toContainEqual(['authentication', 'true']);
    expect(properties).toContainEqual(['externalAuth', 'false']);
    expect(itemOf(await guest.join(room))?.attribute('role')).toBe('participant');
  });

  test('"I am the host": a second connection logs in, and the first one leads', async () => {
    const room = 'upgrade@muc.meet.jitsi';
    const guest = await comeAsGuest();
    expect(conditionOf(await guest.requestConference(room, { machineUid: 'm1' }))).toBe(
      'not-authorized',
    );
    const [ada] = await logIn('ada', SECRETS[0] ?? '');
    const reply = conferenceOf(await ada.requestConference(room, { machineUid: 'm1' }));
    const id = reply?.attribute('session-id') ?? '';
    expect(reply?.attribute('identity')).toBe('ada@meet.jitsi');
    expect(id).toMatch(/^\w{20,}$/);
    ada.close();
    // The id is of this browser only.
    const thief = await comeAsGuest();
    const stolen = await thief.requestConference(room, { id, machineUid: 'm2' });
    expect(conditionOf(stolen)).toBe('not-acceptable');
    const made = await thief.requestConference(room, { id: 'invented', machineUid: 'm2' });
    expect(made.child('error')?.child('session-invalid', FOCUS)).toBeDefined();

    const again = conferenceOf(await guest.requestConference(room, { id, machineUid: 'm1' }));
    expect(again?.attribute('session-id')).toBe(id);
    await guest.join(room);
    const promoted = await guest.take(
      'own presence as moderator',
      (e) =>
        e.name === 'presence' &&
        itemOf(e)?.attribute('role') === 'moderator' &&
        e.attribute('from') === `${room}/${guest.nick}`,
    );
    expect(itemOf(promoted)?.attribute('affiliation')).toBe('owner');

    const logout = `<logout xmlns="${FOCUS}" session-id="${id}"/>`;
    expect((await guest.ask('set', 'focus.meet.jitsi', logout)).attribute('type')).toBe('result');
    const after = await guest.ask('set', 'focus.meet.jitsi', logout);
    expect(after.child('error')?.child('session-invalid', FOCUS)).toBeDefined();
  });

  test('over HTTP too a guest asks in vain until there is a host', async () => {
    const room = 'http@muc.meet.jitsi';
    const [ada] = await logIn('ada', SECRETS[0] ?? '');
    const asked = (sessionId?: string) =>
      post('/conference-request/v1', { room, machineUid: 'm4', sessionId, properties: {} });
    expect((await asked()).status).toBe(403);
    const reply = conferenceOf(
      await ada.requestConference('other@muc.meet.jitsi', { machineUid: 'm4' }),
    );
    const id = reply?.attribute('session-id') ?? '';
    expect((await asked('invented')).body).toContain('invalid-session');
    expect((await asked(id)).status).toBe(200);
    expect((await asked()).status).toBe(200); // it is there now
  });

  test('passwords are asked for on the main domain, and only those', async () => {
    const client = await connect();
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    const features = await client.take('features', (e) => e.name === 'features');
    const offered = [...features.elements()].flatMap((e) => [...e.elements()].map((m) => m.text));
    expect(offered).toEqual(['SCRAM-SHA-256', 'PLAIN']);
    const page = await server.get('/config.js');
    expect(page.body).toContain('"anonymousdomain": "guest.meet.jitsi"');
  });

  test('an invitation sets the password on a page, once; the log never learns it', async () => {
    const { output } = conclave(['invite', 'bea', '--url', 'https://meet.example']);
    const path = /^https:\/\/meet\.example(\/invite\/[\w-]{32})$/.exec(output)?.[1] ?? '';
    expect((await server.get(path)).body).toContain('value="bea"');
    const password = SECRETS[1] ?? '';
    const differ = await post(path, { password, again: 'x' });
    expect([differ.status, differ.body]).toEqual([400, expect.stringContaining('differ')]);
    const short = await post(path, { password: 'short', again: 'short' });
    expect(short.body).toContain('at least 8 characters');
    expect((await post(path, { password, again: password })).status).toBe(200);
    expect((await logIn('bea', password))[1]).toBeUndefined();
    expect((await server.get(path)).status).toBe(404);
    expect((await post(path, { password: 'another one', again: 'another one' })).status).toBe(404);
    expect((await server.get('/invite/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404);
  });

  test('forms that never come to an end keep nobody out', async () => {
    const path = new URL(conclave(['invite', 'dora']).output).pathname;
    const sockets = await Promise.all([
      ...Array.from({ length: 120 }, () => postWithoutEnd('/login/password')),
      ...Array.from({ length: 30 }, () => postWithoutEnd(path)),
    ]);
    try {
      expect((await server.get('/login')).status).toBe(200);
      const form = { user: 'ada', password: SECRETS[0] ?? '' };
      expect((await post('/login/password', form)).status).toBe(303);
      const password = SECRETS[1] ?? '';
      expect((await post(path, { password, again: password })).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  test('over plain HTTP nobody types a password, and nobody is handed a token', async () => {
    const page = await server.getPlain('/login?room=daily');
    expect(page.status).toBe(307);
    const { location } = page.headers;
    expect(location).toBe(`https://localhost:${server.httpsPort}/login?room=daily`);
    expect((await server.getPlain(`/invite/${'x'.repeat(32)}`)).status).toBe(307);
    expect((await server.getPlain('/login/password', {}, 'POST')).status).toBe(403);
    // The rest of the pages is there.
    expect((await server.getPlain('/daily')).status).toBe(200);
  });

  test('who is disabled is logged out, wherever it is, and does not come back', async () => {
    const room = 'ending@muc.meet.jitsi';
    const [bea] = await logIn('bea', SECRETS[1] ?? '');
    const reply = conferenceOf(await bea.requestConference(room, { machineUid: 'm3' }));
    await bea.join(room);
    const other = await comeAsGuest();
    await other.requestConference(room, {
      id: reply?.attribute('session-id') ?? '',
      machineUid: 'm3',
    });
    const location = (await post('/login/password', { user: 'bea', password: SECRETS[1] ?? '' }))
      .location;
    const token = /#jwt=(.+)$/.exec(location)?.[1] ?? '';
    const byPage = await XmppClient.connect(server, `?token=${token}`);
    await byPage.login();
    // An invented name, from which clients take their nick; the account is behind it.
    expect(byPage.jid).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}@meet\.jitsi\//);
    expect(conclave(['disable', 'bea']).output).toBe('bea is disabled');
    await Promise.all([bea.closed, other.closed, byPage.closed]);
    const again = await XmppClient.connect(server, `?token=${token}`);
    expect(await again.loginWithSteps('ANONYMOUS', [])).toBe('not-allowed: logged out');
    again.close();
    expect(bea.frames.join()).toContain(
      '<not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-streams"',
    );
    expect((await logIn('bea', SECRETS[1] ?? ''))[1]).toBe('not-authorized');
    conclave(['enable', 'bea']);
    conclave(['passwd', 'bea'], SECRETS[3]);
    expect((await logIn('bea', SECRETS[3] ?? ''))[1]).toBeUndefined();
    expect(conclave(['remove', 'bea']).output).toBe('removed bea');
    expect((await logIn('bea', SECRETS[3] ?? ''))[1]).toBe('not-authorized');
  });

  test('guessing ends in a lock that says so', async () => {
    conclave(['add', 'cid'], 'the password of cid');
    const tries = [];
    for (let i = 0; i < 6; i++) tries.push((await logIn('cid', 'wrong battery'))[1]);
    expect(tries.slice(0, 5)).toEqual(Array(5).fill('not-authorized'));
    expect(tries[5]).toBe('not-allowed: too many failed log-ins: try again in 5 minutes');
    const audit = () => readFileSync(join(server.config, 'audit.log'), 'utf8');
    // It is written beside what it tells of.
    await expect.poll(audit, { timeout: 5_000 }).toContain('"event":"login.locked","actor":"cid"');
    expect(audit()).toContain('"event":"account.added","actor":"administrator","target":"cid"');
  });

  test.each([
    [['add', 'ada'], /there is an account ada already/],
    [['add', 'a b'], /expected the name of one account/],
    [['passwd', 'nobody'], /there is no account nobody/],
    [['disable', 'nobody'], /there is no account nobody/],
    [['invite', 'x', '--expires', 'soon'], /--expires soon: expected a time/],
    [['add', 'dan', '--nam', 'x'], /--nam/],
  ])('conclave user %j is explained', (args, message) => {
    const { code, output } = conclave(args, 'some password');
    expect(code).toBe(2);
    expect(output).toMatch(message);
  });

  test('a weak password is refused before anything is kept', () => {
    expect(conclave(['add', 'eve'], 'short').output).toMatch(/at least 8 characters/);
    expect(conclave(['add', 'evelyne'], 'evelyne').code).toBe(2);
    expect(conclave(['list']).output).not.toContain('eve');
  });

  test('no secret is in the log or the database', () => {
    const kept = readFileSync(join(server.config, 'accounts.sqlite'), 'latin1');
    for (const secret of SECRETS) {
      expect(server.stderr).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
    expect(server.stderr).not.toContain('/invite/');
  });
});

test('with guests off everybody logs in', async () => {
  server = await ServerProcess.start({ environment: SETTINGS });
  try {
    const client = await connect();
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="guest.meet.jitsi" version="1.0"/>',
    );
    await client.take('host-unknown', (e) => e.child('host-unknown') !== undefined);
    const other = await connect();
    other.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>');
    other.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    await other.take('invalid-mechanism', (e) => e.child('invalid-mechanism') !== undefined);
    expect((await server.get('/config.js')).body).not.toContain('anonymousdomain');
  } finally {
    await server.stop();
  }
});
