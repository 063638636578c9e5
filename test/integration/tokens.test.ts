/** A server that wants tokens, as built: who gets in, where, with which rights, and what is logged. */
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type { XmlElement } from '@conclave/protocols/xml';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const SECRET = 'integration-secret-that-no-log-may-hold';
const JWT = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'jwt',
  JWT_APP_ID: 'portal',
  JWT_APP_SECRET: SECRET,
  LOG_LEVEL: 'debug',
};
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

let server: ServerProcess;
/** Everything that must never be seen in a log. */
const tokens: string[] = [];
const clients: XmppClient[] = [];

async function token(claims: object, secret = SECRET): Promise<string> {
  const made = await new SignJWT({ iss: 'portal', aud: 'meet', room: '*', ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  tokens.push(made);
  return made;
}

async function connect(query: string): Promise<XmppClient> {
  const client = await XmppClient.connect(server, query);
  clients.push(client);
  return client;
}

/** The text that the client would show. */
async function refusalOf(query: string): Promise<string> {
  const client = await connect(query);
  client.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>');
  client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
  await client.take('a refusal', ({ name }) => name === 'failure' || name === 'success');
  const frame = client.frames.at(-1) ?? '';
  return /<not-allowed\/><text>(.*)<\/text><\/failure>/.exec(frame)?.[1] ?? frame;
}

async function enter(room: string, claims: object): Promise<[XmppClient, XmlElement]> {
  const client = await connect(`?room=${room}&token=${await token(claims)}`);
  await client.login();
  return [client, await client.join(`${room}@muc.meet.jitsi`)];
}

/** Log lines of one event. */
function logOf(event: string): Record<string, unknown>[] {
  const lines = server.stderr.split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((entry) => entry.event === event);
}

/** POST with the token as a bearer token (RFC 6750). */
function fetchWith(
  made: string | undefined,
  path: string,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { ...(made !== undefined && { authorization: `Bearer ${made}` }) };
    const { httpsPort: port, certificate: ca } = server;
    const sent = request({ host: 'localhost', port, path, ca, headers, method: 'POST' });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let answer = '';
      for await (const chunk of response) answer += String(chunk);
      resolve({ status: response.statusCode ?? 0, text: answer });
    });
    sent.end(body);
  });
}

async function logInOverBosh(made: string | undefined): Promise<string> {
  const post = async (attributes: string, payload: string) => {
    const body = `<body xmlns="http://jabber.org/protocol/httpbind" ${attributes}>${payload}</body>`;
    return (await fetchWith(made, '/http-bind', body)).text;
  };
  const opened = await post(
    'rid="100" to="meet.jitsi" wait="60" hold="1" ver="1.6" xmpp:version="1.0" xmlns:xmpp="urn:xmpp:xbosh"',
    '',
  );
  const sid = /sid=['"]([^'"]+)/.exec(opened)?.[1] ?? '';
  return post(`rid="101" sid="${sid}"`, `<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
}

const roleIn = (presence: XmlElement) =>
  presence.child('x', MUC_USER)?.child('item')?.attribute('role');

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

describe('with a secret', () => {
  beforeAll(async () => {
    server = await ServerProcess.start({ environment: JWT });
  });
  afterAll(() => server.stop());

  test('without a token, or with a wrong one, nobody gets in and everybody is told why', async () => {
    expect(await refusalOf('?room=r')).toBe('token required');
    expect(await refusalOf('?token=nonsense')).toBe('Invalid token');
    expect(await refusalOf(`?token=${await token({}, 'another')}`)).toBe('Invalid signature');
    expect(await refusalOf(`?token=${await token({ iss: 'other' })}`)).toBe(
      // Clients read the raw frame.
      'invalid &apos;iss&apos; claim',
    );
    await expect
      .poll(() => logOf('access.token.refused').at(-1))
      .toMatchObject({
        subject: 'iss',
        expected: 'one of ["portal"]',
        got: '"other"',
      });
  });

  test('a host leads, a participant does not, even alone in the room', async () => {
    const [, early] = await enter('lesson', { context: { user: { moderator: false } } });
    expect(roleIn(early)).toBe('participant');
    const [host, presence] = await enter('lesson', {
      context: { user: { id: 'u1', name: 'Ada Lovelace', moderator: true }, group: 'math' },
    });
    expect(roleIn(presence)).toBe('moderator');
    expect(presence.child('identity')?.child('user')?.child('name')?.text).toBe('Ada Lovelace');
    expect(presence.child('identity')?.child('group')?.text).toBe('math');
    const [, late] = await enter('lesson', { context: { user: { name: 'Eve' } } });
    expect(roleIn(late)).toBe('participant');
    expect(host.frames.join()).not.toContain('type="error"');
  });

  test('a token that says nothing about leading leaves it to the order of arrival', async () => {
    const [first] = await enter('plain', {});
    await first.take(
      'becoming moderator',
      (e) =>
        e.attribute('from') === `plain@muc.meet.jitsi/${first.nick}` && roleIn(e) === 'moderator',
    );
  });

  test('a token for one room opens no other', async () => {
    const [client, presence] = await enter('daily', { room: 'daily' });
    expect(presence.attribute('type')).toBeUndefined();
    const refused = await client.join('weekly@muc.meet.jitsi');
    expect(refused.attribute('type')).toBe('error');
    const error = refused.child('error');
    expect(error?.child('not-allowed', 'urn:ietf:params:xml:ns:xmpp-stanzas')).toBeDefined();
    expect(error?.child('room-name-does-not-match', 'http://jitsi.org/jitmeet')).toBeDefined();
    await expect
      .poll(() => logOf('access.room.refused'))
      .toMatchObject([{ room: '"weekly"', claim: '"daily"' }]);
  });

  test('over HTTP too: conferences are made, and streams opened, with a token only', async () => {
    const ask = async (made: string | undefined, room: string) => {
      const response = await fetchWith(made, '/conference-request/v1', JSON.stringify({ room }));
      return response.status;
    };
    const made = await token({ room: 'http' });
    expect(await ask(undefined, 'http@muc.meet.jitsi')).toBe(403);
    expect(await ask(await token({}, 'another'), 'http@muc.meet.jitsi')).toBe(403);
    expect(await ask(made, 'other@muc.meet.jitsi')).toBe(403);
    expect(await ask(made, 'http@muc.meet.jitsi')).toBe(200);
    expect(await logInOverBosh(undefined)).toContain('<text>token required</text>');
    expect(await logInOverBosh(await token({}, 'another'))).toContain('Invalid signature');
    expect(await logInOverBosh(made)).toContain('<success');
  });

  test('what conclave token create writes is accepted, and explain agrees', async () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [CLI_FILE, ...args], {
        env: { ...JWT, PATH: process.env.PATH },
        encoding: 'utf8',
      });
    const created = run('token', 'create', '--room', 'cli', '--user', 'Ada', '--moderator');
    const made = created.stdout.trim();
    tokens.push(made);
    const client = await connect(`?room=cli&token=${made}`);
    await client.login();
    expect(roleIn(await client.join('cli@muc.meet.jitsi'))).toBe('moderator');
    const explained = run('token', 'explain', made, '--room', 'cli');
    expect([explained.status, explained.stdout]).toEqual([
      0,
      expect.stringMatching(/accepted in cli/),
    ]);
    expect(run('token', 'explain', `${made}x`).status).toBe(1);
  });

  test('neither tokens nor the secret are printed', async () => {
    await server.get(`/class?jwt=${tokens[0]}`);
    await server.getPlain(`/class?jwt=${tokens[0]}`);
    const printed = server.stdout + server.stderr;
    expect(tokens.length).toBeGreaterThan(5);
    for (const made of tokens) {
      for (const part of made.split('.')) expect(printed.includes(part)).toBe(false);
    }
    expect(printed).not.toContain(SECRET);
  });
});

test('tokens that are set up but not switched on are no secret', async () => {
  server = await ServerProcess.start({ environment: { ...JWT, ENABLE_AUTH: '0' } });
  try {
    await (await connect('?room=open')).login();
    await expect.poll(() => logOf('settings.incomplete')).toMatchObject([{ name: 'ENABLE_AUTH' }]);
  } finally {
    await server.stop();
  }
});

test('JWT_ALLOW_EMPTY lets guests in beside the others, but no wrong token', async () => {
  server = await ServerProcess.start({ environment: { ...JWT, JWT_ALLOW_EMPTY: '1' } });
  try {
    const guest = await connect('?room=open');
    await guest.login();
    expect((await guest.join('open@muc.meet.jitsi')).attribute('type')).toBeUndefined();
    expect(await refusalOf('?token=a.b.c')).toBe('Invalid header');
  } finally {
    await server.stop();
  }
});

test('keys come over HTTPS from a key server, whose authority must be known', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { certificate, privateKey: certificateKey } = createSelfSignedCertificate({
    commonName: 'localhost',
    alternativeNames: ['DNS:localhost'],
    validDays: 1,
  });
  const path = `/asap/${createHash('sha256').update('key-1').digest('hex')}.pem`;
  const keys: Server = createServer(
    { cert: certificate, key: certificateKey },
    (asked, response) => {
      response.writeHead(asked.url === path ? 200 : 404);
      response.end(publicKey.export({ type: 'spki', format: 'pem' }));
    },
  );
  await new Promise<void>((resolve) => keys.listen(0, 'localhost', resolve));
  const made = await new SignJWT({ iss: 'portal', aud: 'meet', room: '*', jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'key-1' })
    .setExpirationTime('1h')
    .sign(privateKey);
  const environment = {
    ...JWT,
    JWT_APP_SECRET: '',
    JWT_ASAP_KEYSERVER: `https://localhost:${(keys.address() as AddressInfo).port}/asap`,
  };
  try {
    server = await ServerProcess.start({ environment });
    const authority = join(server.config, 'authority.crt');
    expect(await refusalOf(`?token=${made}`)).toBe('could not obtain public key');
    await expect
      .poll(() => logOf('access.token.refused'))
      .toMatchObject([{ subject: 'signature', got: expect.stringMatching(/certificate/) }]);
    writeFileSync(authority, certificate);
    const trusting = await ServerProcess.start({
      environment: { ...environment, NODE_EXTRA_CA_CERTS: authority },
    });
    const stranger = server;
    server = trusting;
    const client = await connect(`?token=${made}`);
    await client.login();
    expect(client.jid).toMatch(/@meet\.jitsi\//);
    await stranger.stop();
  } finally {
    await server.stop();
    keys.closeAllConnections();
    keys.close();
  }
});
