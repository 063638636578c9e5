/** A server with a directory, as built: who logs in, who leads, and what the directory's death means. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { XmlElement } from '@conclave/protocols/xml';
import { waitUntil } from '@conclave/testkit';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestAuthority } from './directory/authority.ts';
import { ADMIN, BASE, SlapdProcess } from './directory/slapd-process.ts';
import { CookieBrowser } from './oidc/cookie-browser.ts';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const MUC_USER = 'http://jabber.org/protocol/muc#user';
const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const PASSWORDS = ['enchantress', "grace's password", 'abracadabra', ADMIN.password];

let folder: string;
let slapd: SlapdProcess;
let server: ServerProcess;
let browser: CookieBrowser;
let origin: string;
const clients: XmppClient[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-ldap-server-'));
  const authority = new TestAuthority(folder, 'authority');
  const certificate = authority.issue('server', 'DNS:localhost');
  slapd = await SlapdProcess.start(join(folder, 'slapd'), { certificate });
  server = await ServerProcess.start({
    environment: {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'ldap',
      ENABLE_GUESTS: '1',
      LDAP_URL: slapd.url,
      LDAP_START_TLS: '1',
      LDAP_TLS_CACERT_FILE: authority.certFile,
      LDAP_BASE: BASE,
      LDAP_BINDDN: ADMIN.dn,
      LDAP_BINDPW: ADMIN.password,
      LDAP_MODERATOR_GROUPS: `cn=teachers,ou=groups,${BASE}`,
      LOG_LEVEL: 'debug',
    },
  });
  origin = `https://localhost:${server.httpsPort}`;
  browser = new CookieBrowser(() => [server.certificate]);
  await waitUntil('the directory', () => server.stderr.includes('access.directory.ready'));
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await server?.stop();
  await slapd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function logIn(user: string, password: string): Promise<[XmppClient, string | undefined]> {
  const client = await XmppClient.connect(server);
  clients.push(client);
  return [client, await client.loginWithPassword(user, password)];
}

const roleOf = (presence: XmlElement) =>
  presence.child('x', MUC_USER)?.child('item')?.attribute('role');
const post = (form: Record<string, string>) => browser.post(`${origin}/login/password`, form);

test('PLAIN only is offered, since a directory has no part in SCRAM', async () => {
  const client = await XmppClient.connect(server);
  clients.push(client);
  client.send(`<open xmlns="${FRAMING}" to="meet.jitsi" version="1.0"/>`);
  const features = await client.take('features', ({ name }) => name === 'features');
  const mechanisms = [...features.elements()].flatMap((one) => [...one.elements()]);
  expect(mechanisms.map(({ text }) => text)).toEqual(['PLAIN']);
});

test('people of the directory enter under their name, and its groups say who leads', async () => {
  const [grace, graceRefusal] = await logIn('Grace', PASSWORDS[1] ?? '');
  expect(graceRefusal).toBeUndefined();
  expect(grace.jid).toMatch(/^grace@meet\.jitsi\//);
  expect(roleOf(await grace.join('class@muc.meet.jitsi'))).toBe('moderator');
  const [ada, adaRefusal] = await logIn('ada', 'enchantress');
  expect(adaRefusal).toBeUndefined();
  expect(roleOf(await ada.join('class@muc.meet.jitsi'))).toBe('participant');
});

test('nobody else does', async () => {
  expect((await logIn('ada', 'abracadabra'))[1]).toBe('not-authorized');
  expect((await logIn('nobody', 'enchantress'))[1]).toBe('not-authorized');
  expect((await logIn('*', 'enchantress'))[1]).toBe('not-authorized');
});

test('the log-in page takes the same passwords and hands out a token', async () => {
  const page = await browser.get(`${origin}/login?room=class`);
  expect(page.body).toContain('autocomplete="current-password"');
  const wrong = await post({ user: 'grace"<', password: 'abracadabra', return: '/class' });
  expect(wrong.status).toBe(401);
  expect(wrong.body).toContain('value="grace&quot;&lt;"');
  const right = await post({ user: 'grace', password: PASSWORDS[1] ?? '', return: '/class' });
  expect(right.location).toMatch(/^\/class#jwt=/);
  const token = right.location?.split('#jwt=')[1] ?? '';
  expect(decodeJwt(token).context).toEqual({
    user: { id: 'grace', name: 'Grace Hopper', email: 'grace@example.com', moderator: true },
  });
  const away = await post({ user: 'ada', password: 'enchantress', return: '//evil.example' });
  expect(away.location).toMatch(/^\/#jwt=/);
  const forged = await browser.post(
    `${origin}/login/password`,
    { user: 'ada', password: 'enchantress' },
    { origin: 'https://evil.example' },
  );
  expect(forged.status).toBe(403);
  expect((await browser.post(`${origin}/login/password`, 'x'.repeat(10_000))).status).toBe(413);

  const client = await XmppClient.connect(server, `?room=class&token=${token}`);
  clients.push(client);
  await client.login();
  expect(roleOf(await client.join('class@muc.meet.jitsi'))).toBe('moderator');
});

test('while the directory is down nobody new comes in, and the meeting goes on', async () => {
  const [grace] = await logIn('grace', PASSWORDS[1] ?? '');
  const [ada] = await logIn('ada', 'enchantress');
  await grace.join('going-on@muc.meet.jitsi');
  await ada.join('going-on@muc.meet.jitsi');
  await slapd.stop();
  expect((await logIn('ada', 'enchantress'))[1]).toBe('temporary-auth-failure');
  expect((await post({ user: 'ada', password: 'enchantress' })).status).toBe(503);
  expect(server.stderr).toContain('access.directory.unavailable');

  ada.send(
    '<message xmlns="jabber:client" to="going-on@muc.meet.jitsi" type="groupchat"><body>still here</body></message>',
  );
  await grace.take('the message', (e) => e.name === 'message' && e.child('body') !== undefined);

  await slapd.run();
  await waitUntil('the directory to be asked again', async () => {
    const [, refusal] = await logIn('ada', 'enchantress');
    return refusal === undefined;
  });
});

test('log-ins are recorded; no password was ever printed', () => {
  const records = readFileSync(join(server.config, 'audit.log'), 'utf8');
  expect(records).toContain('"method":"password"');
  expect(records).toContain('"actor":"grace"');
  for (const text of [server.stderr, server.stdout, records]) {
    for (const password of PASSWORDS) expect(text).not.toContain(password);
  }
});
