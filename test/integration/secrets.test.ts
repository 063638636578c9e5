/**
 * Everything that a hostile run made the server print (logs at debug, metrics, debug state, error pages,
 * audit log, the output of a crash) is searched for every secret that was in play.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClaims, signToken } from '@conclave/access';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchAnswer, freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const ROOM = 'daily@muc.meet.jitsi';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MUC = 'http://jabber.org/protocol/muc';

/** Ends the process as a bug in its own code would, in a room called `crash`. */
const CRASHER = `export const plugin = {
  setUp({ hooks }) {
    hooks.occupantJoined.add(1, ({ room, occupant }) => {
      if (room.jid.node === 'crash' && !occupant.recipient.isComponent) {
        setTimeout(() => { throw new Error('a bug'); }, 0);
      }
      return undefined;
    });
  },
};`;

const SETTINGS: Readonly<Record<string, string>> = {
  JWT_APP_ID: 'app',
  JWT_APP_SECRET: 'sesame-jwt-present-0123456789abcdef',
  JWT_APP_SECRET_PREVIOUS: 'sesame-jwt-previous-0123456789abcd',
  TURN_HOST: 'turn.example.com',
  TURN_CREDENTIALS: 'sesame-turn-credentials',
  TURN_PASSWORD: 'sesame-turn-password',
  WEBHOOK_SECRET: 'sesame-webhook',
  // A provider that is not there.
  OIDC_ISSUER: 'https://127.0.0.1:9/',
  OIDC_CLIENT_ID: 'conclave',
  OIDC_CLIENT_SECRET: 'sesame-oidc',
  PUBLIC_URL: 'https://localhost',
  LDAP_BINDPW: 'sesame-ldap',
};

let config = '';
let server: ServerProcess;
let privatePort = 0;
/** Everything that must not come out, and what it is. */
let secrets: Map<string, string>;
let printed: string[];

beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'conclave-config-'));
  secrets = new Map(
    Object.entries(SETTINGS)
      .filter(([, value]) => value.startsWith('sesame'))
      .map(([name, value]) => [value, name]),
  );
  printed = [];
});
afterEach(async () => {
  await server?.stop();
  rmSync(config, { recursive: true, force: true });
});

/** A secret of this test. */
function secret(what: string): string {
  const text = `sesame-${what.replaceAll(' ', '-')}-${secrets.size}`;
  secrets.set(text, what);
  return text;
}

async function start(environment: Record<string, string>): Promise<void> {
  mkdirSync(join(config, 'plugins'));
  writeFileSync(join(config, 'plugins/crasher.mjs'), CRASHER);
  privatePort = await freeTcpPort();
  server = await ServerProcess.start({
    config,
    environment: {
      ...SETTINGS,
      ENABLE_AUTH: '1',
      LOG_LEVEL: 'debug',
      ADMIN_API_ENABLED: '1',
      COLIBRI_REST_ENABLED: '1',
      JVB_COLIBRI_PORT: String(privatePort),
      WEBHOOK_URLS: `http://127.0.0.1:${await freeTcpPort()}/${secret('webhook url')}`,
      XMPP_MUC_MODULES: 'crasher',
      CONCLAVE_TEST_HOOKS: '1',
      ...environment,
    },
  });
  // What the server made for itself, line by line: keys have many.
  for (const name of [
    'admin-token',
    ...readdirSync(join(config, 'keys')).map((n) => `keys/${n}`),
  ]) {
    if (name.endsWith('.crt')) continue;
    for (const line of readFileSync(join(config, name), 'utf8').split('\n')) {
      if (line.length >= 16 && !line.startsWith('-----')) secrets.set(line, name);
    }
  }
}

const adminSecret = () => readFileSync(join(config, 'admin-token'), 'utf8').trim();

async function get(path: string, headers: Record<string, string> = {}): Promise<void> {
  printed.push((await server.get(path, headers)).body);
}

async function getPrivate(path: string, headers: Record<string, string> = {}, method = 'GET') {
  printed.push((await fetchAnswer({ path, headers, method, port: privatePort })).body);
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const { httpsPort: port, certificate: ca } = server;
    const sent = request({ host: 'localhost', port, path, ca, headers, method: 'POST' });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
      response.on('end', resolve);
    });
    sent.end(body);
  });
}

/** A request that is none. */
function sendGarbage(text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(server.httpPort, '127.0.0.1', () => socket.end(text));
    socket.on('data', (data: Buffer) => printed.push(data.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

/** Whatever the server answers, and however it ends the connection. */
async function sendRaw(frames: readonly string[], query = ''): Promise<void> {
  const client = await XmppClient.connect(server, query).catch(() => undefined);
  if (client === undefined) return;
  for (const frame of frames) client.send(frame);
  // One more, so that what came before has been dealt with when the connection ends.
  client.send('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
  await client.closed;
}

/** The attacks that are the same however people log in. */
async function attack(token: string): Promise<void> {
  const open = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>';
  const plain = (text: string) => `<auth xmlns="${SASL}" mechanism="PLAIN">${text}</auth>`;
  await sendRaw([open, plain(secret('not base64 &amp; &#10;'))]);
  const wrong = Buffer.from(`\0ada\0${secret('wrong password')}`).toString('base64');
  secrets.set(wrong, 'wrong password in base64');
  await sendRaw([open, plain(wrong)]);
  await sendRaw([open, `<auth xmlns="${SASL}" mechanism="PLAIN">${secret('cut frame')}`]);
  await sendRaw([open, `<message><body>${secret('text before login')}</body></message>`]);
  await sendRaw([open], `?token=${token}&previd=${secret('previd')}`);
  await sendRaw([open], `?token=${secret('long token').padEnd(13_000, 'x')}`);

  const hidden = secret('in an address');
  for (const path of [
    `/nothing.js?jwt=${hidden}`,
    `/%00?token=${hidden}`,
    `/${hidden}.php`,
    `/xmpp-websocket?token=${token}`,
    `/colibri-ws/jvb/none/none?pwd=${hidden}`,
    `/login?jwt=${hidden}`,
    '/about/health',
    '/login?room=daily',
    '/login/oidc?room=daily',
    `/login/oidc/callback?code=${hidden}&state=${hidden}`,
  ]) {
    await get(path);
  }
  // A page may repeat the address that was asked for to the one who asked; then it is no leak.
  printed = printed.filter((text) => !text.includes(`${hidden}.php`));
  await get('/', { host: 'a b', cookie: secret('cookie'), authorization: `Bearer ${token}` });
  await sendGarbage(`GET /${secret('garbage')} HTTP/9.9\r\n\r\n`);
  await post(
    '/login/password',
    new URLSearchParams({
      user: 'ada',
      password: secret('form password'),
      room: 'daily',
    }).toString(),
    { 'content-type': 'application/x-www-form-urlencoded' },
  );
  await post('/http-bind', `<body token="${secret('bosh')}"`);
  await post('/conference-request/v1', `{"room": "${secret('json')}`, {
    authorization: `Bearer ${secret('bearer')}`,
  });
  await post('/conference-request/v1', '{"room":"daily@muc.meet.jitsi"}', {
    authorization: `Bearer ${token}`,
  });
  for (const path of ['/v1/rooms', '/metrics', '/debug?full=true', '/colibri/stats']) {
    await getPrivate(path, { authorization: `Bearer ${secret('admin guess')}` });
    await getPrivate(path, { authorization: `Bearer ${adminSecret()}` });
  }
}

/** People in a room, with a password; and the end of everything. */
async function meetAndCrash(clients: readonly XmppClient[]): Promise<void> {
  for (const client of clients) await client.join(ROOM);
  for (const client of clients) {
    const offer = await client.take('offer', (e) => `${e}`.includes('session-initiate'));
    const text = `${offer}`;
    for (const [, value = ''] of text.matchAll(/ pwd="([^"]+)"/g)) secrets.set(value, 'ICE pwd');
    const [, channel = ''] = /\?pwd=([\w-]+)/.exec(text) ?? [];
    secrets.set(channel, 'password of the bridge channel');
    expect(channel.length).toBeGreaterThan(16);
  }
  const password = secret('room password');
  const response = await fetch(`http://127.0.0.1:${privatePort}/v1/rooms/daily/password`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminSecret()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ password }),
  });
  expect(response.status).toBe(200);
  printed.push(await response.text());
  const [first] = clients;
  const nick = 'ffffffff';
  first?.send(
    `<presence xmlns="jabber:client" to="other@muc.meet.jitsi/${nick}"><x xmlns="${MUC}"><password>${secret('password of a room that is not there')}</password></x></presence>`,
  );
  for (const path of ['/v1/rooms/daily', '/debug?full=true', '/metrics', '/colibri/stats']) {
    await getPrivate(path, { authorization: `Bearer ${adminSecret()}` });
  }
  server.process.kill('SIGUSR2');
  await first?.take('the next offer', (e) => `${e}`.includes('session-initiate'));
  first?.join('crash@muc.meet.jitsi').catch(() => {});
  expect((await server.exited).code).toBe(1);
  expect(server.stderr).toContain('server.crashed');
}

function expectNoSecrets(): void {
  const all = [
    server.stdout,
    server.stderr,
    readFileSync(join(config, 'audit.log'), 'utf8'),
    ...printed,
  ];
  // There was something to find them in.
  expect(all.join('').length).toBeGreaterThan(20_000);
  expect(secrets.size).toBeGreaterThan(25);
  const found: string[] = [];
  for (const [text, what] of secrets) {
    const place = all.find((each) => each.includes(text));
    if (place === undefined) continue;
    const at = place.indexOf(text);
    found.push(`${what}: …${place.slice(Math.max(0, at - 200), at + text.length)}`);
  }
  expect(found).toEqual([]);
}

test('with accounts', async () => {
  await start({ AUTH_TYPE: 'internal', ENABLE_GUESTS: '1' });
  const password = secret('password of ada');
  const added = spawnSync(process.execPath, [CLI, 'user', 'add', 'ada'], {
    cwd: config,
    env: { PATH: process.env.PATH ?? '', CONFIG: config, ENABLE_AUTH: '1', AUTH_TYPE: 'internal' },
    input: `${password}\n`,
    encoding: 'utf8',
  });
  expect(added.status).toBe(0);
  printed.push(added.stdout, added.stderr);
  await attack(secret('token'));
  const ada = await XmppClient.connect(server);
  secrets.set(Buffer.from(`\0ada\0${password}`).toString('base64'), 'password of ada in base64');
  expect(await ada.loginWithPassword('ada', password)).toBeUndefined();
  const guest = await XmppClient.connect(server);
  await guest.login('guest.meet.jitsi');
  await meetAndCrash([ada, guest]);
  expectNoSecrets();
});

test('with tokens', async () => {
  await start({ AUTH_TYPE: 'jwt' });
  const make = async (room: string, key: string, lifetimeS = 3600) => {
    const claims = createClaims(
      { room, user: 'Ada', isModerator: true, features: [], lifetimeS },
      { issuer: 'app', audience: 'app', domain: 'meet.jitsi' },
      'id-1',
      Date.now() / 1000,
    );
    const token = await signToken(claims, key);
    for (const part of [token, ...token.split('.').slice(1)]) secrets.set(part, 'token');
    return token;
  };
  await attack(await make('*', secret('key of somebody else').padEnd(32, 'x')));
  const good = await make('*', SETTINGS.JWT_APP_SECRET ?? '');
  await sendRaw([], `?token=${await make('other', SETTINGS.JWT_APP_SECRET_PREVIOUS ?? '', 1)}`);
  const clients = [];
  for (let i = 0; i < 2; i++) {
    const client = await XmppClient.connect(server, `?room=daily&token=${good}`);
    await client.login();
    clients.push(client);
  }
  await meetAndCrash(clients);
  expectNoSecrets();
});

test('settings that are wrong are named without their secret', async () => {
  const long = secret('too long').padEnd(2_000, 'x');
  server = await ServerProcess.launch({
    environment: { JWT_APP_SECRET: long, TURN_PASSWORD: long, HTTPS_PORT: 'x' },
  });
  expect((await server.exited).code).toBe(1);
  expect(server.stderr).toContain('JWT_APP_SECRET=(secret)');
  expect(server.stderr).not.toContain('sesame');
});
