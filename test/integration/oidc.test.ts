/** Log-ins at a real OpenID Connect provider over HTTPS: there and back, and every way to cheat. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { waitUntil } from '@conclave/testkit';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CookieBrowser } from './oidc/cookie-browser.ts';
import { School } from './oidc/school.ts';
import { CLIENT } from './oidc/test-provider.ts';
import { XmppClient } from './xmpp-client.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

let school: School;
beforeAll(async () => {
  school = await School.open();
});
afterEach(() => school.reset());
afterAll(() => school?.close());

describe('a log-in', () => {
  test('leads back to the room with a token that opens it, and makes the teacher moderator', async () => {
    const { page, token } = await school.logIn('ada');
    expect(page.location).toBe(`${school.origin}/daily#jwt=${token}`);
    expect(decodeJwt(token)).toMatchObject({
      iss: 'conclave-session',
      context: {
        user: { id: 'ada', name: 'Ada Lovelace', email: 'ada@school.example', moderator: true },
      },
    });
    const client = await XmppClient.connect(school.server, `?room=daily&token=${token}`);
    await client.login();
    const presence = await client.join('daily@muc.meet.jitsi');
    const item = presence.child('x', MUC_USER)?.child('item');
    expect(item?.attribute('role')).toBe('moderator');
    client.socket.terminate();
  });

  test("a pupil's does not, but gets the features of the claim", async () => {
    const { token } = await school.logIn('grace');
    expect(decodeJwt(token).context).toEqual({
      user: { id: 'grace', name: 'Grace <script>', moderator: false },
      features: { recording: true },
    });
  });

  test.each([
    ['/login/oidc?room=daily&state=%7B%22tenant%22%3A%22school%22%7D', '/school/daily'],
    ['/login/oidc?return=%2Fdaily%3Flang%3Dde', '/daily?lang=de'],
    ['/login/oidc?room=daily&popup=1', '/login/done'],
    ['/login/oidc', '/'],
    ['/login/oidc?return=%2F%2Fevil.example', '/'],
    ['/login/oidc?return=https%3A%2F%2Fevil.example', '/'],
    ['/login/oidc?return=%2F%5Cevil.example', '/'],
    ['/login/oidc?room=%2F%2Fevil.example', '/%2F%2Fevil.example'],
  ])('%s leads to %s', async (path, expected) => {
    const { page, token } = await school.logIn('ada', path);
    expect(page.location).toBe(`${school.origin}${expected}#jwt=${token}`);
  });

  test('asks with PKCE, state and nonce, and for the way back that is registered', async () => {
    const page = await school.openBrowser().get(`${school.origin}/login/oidc?room=daily`);
    const { searchParams } = new URL(page.location ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: `${school.origin}/login/oidc/callback`,
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)?.length).toBeGreaterThan(40);
    }
    expect(page.setCookies[0]).toMatch(/^__Host-conclave-login-.*HttpOnly; SameSite=Lax; Secure/);
  });

  test('two at a time in one browser do not disturb each other', async () => {
    const browser = school.openBrowser();
    const [first, second] = [
      await school.upToCallback(browser),
      await school.upToCallback(browser),
    ];
    for (const url of [second, first]) {
      expect((await browser.get(url)).location).toMatch(/^\/daily#jwt=/);
    }
  });

  test('is recorded, without any secret', async () => {
    await school.logIn('ada');
    const { readFileSync } = await import('node:fs');
    const records = await waitUntil('the record', () => {
      const text = readFileSync(join(school.server.config, 'audit.log'), 'utf8');
      return text.includes('"method":"oidc"') && text;
    });
    expect(records).toContain('"actor":"ada"');
    expect(records).not.toContain('eyJ');
  });
});

describe('the session that a browser keeps', () => {
  test('gives the token again, until the log-out, which ends the token too', async () => {
    const { browser, token } = await school.logIn('ada');
    const again = await browser.post(`${school.origin}/login/session`);
    expect(JSON.parse(again.body)).toEqual({ token });

    const kept = new Map(browser.cookies);
    const out = await browser.post(`${school.origin}/login/logout`);
    expect(JSON.parse(out.body).url).toContain(`${school.provider.issuer}/session/end`);
    expect((await browser.post(`${school.origin}/login/session`)).body).toBe('{}');

    // Nor with a copy of the cookie, nor with the token itself.
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.post(`${school.origin}/login/session`)).body).toBe('{}');
    const client = await XmppClient.connect(school.server, `?room=daily&token=${token}`);
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
    const end = await client.take('an end', ({ name }) => ['failure', 'success'].includes(name));
    expect(end.child('text')?.text).toBe('logged out');
    client.socket.terminate();
  });

  test('the page offers to go on, and to log out there and at the provider', async () => {
    const { browser, token } = await school.logIn('grace');
    const page = await browser.get(`${school.origin}/login?room=daily`);
    expect(page.body).toContain('As Grace &lt;script&gt;.');
    expect(page.body).toContain('href="/login/continue?return=%2Fdaily"');
    const again = await browser.get(`${school.origin}/login/continue?return=%2Fdaily`);
    expect(again.location).toBe(`/daily#jwt=${token}`);
    const away = await browser.get(`${school.origin}/login/continue?return=%2F%2Fevil.example`);
    expect(away.location).toBe(`/#jwt=${token}`);
    const forged = { origin: 'https://evil.example' };
    expect((await browser.post(`${school.origin}/login/leave`, {}, forged)).status).toBe(403);
    const out = await browser.post(`${school.origin}/login/leave`);
    expect(out.body).toContain(`${school.provider.issuer}/session/end`);
    const back = await browser.get(`${school.origin}/login/continue?return=%2Fdaily`);
    expect(back.location).toBe('/login?return=%2Fdaily');
    expect((await browser.get(`${school.origin}/login?room=daily`)).body).toContain(
      'Example School',
    );
  });

  test.each(['session', 'logout'])('%s is not for other sites', async (name) => {
    const { browser } = await school.logIn('ada');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: school.origin, 'sec-fetch-site': 'cross-site' },
    ]) {
      const page = await browser.post(`${school.origin}/login/${name}`, {}, headers);
      expect(page.status).toBe(403);
      expect(page.body).not.toContain('eyJ');
    }
    expect((await browser.get(`${school.origin}/login/${name}`)).status).toBe(405);
  });
});

describe('refused', () => {
  test.each<[string, (url: URL, browser: CookieBrowser) => void]>([
    ['another state', (url) => url.searchParams.set('state', 'a'.repeat(43))],
    ['no state', (url) => url.searchParams.delete('state')],
    ['another browser', (_, browser) => browser.cookies.clear()],
    [
      'a cookie that was changed',
      (_, browser) => {
        for (const [name, value] of browser.cookies) {
          if (name.includes('conclave-login'))
            browser.cookies.set(name, `${value.slice(0, -4)}AAAA`);
        }
      },
    ],
    ['another code', (url) => url.searchParams.set('code', 'invented')],
    ['no code', (url) => url.searchParams.delete('code')],
    ['another issuer in the answer', (url) => url.searchParams.set('iss', 'https://evil.example')],
  ])('%s', async (_, change) => {
    const browser = school.openBrowser();
    const url = await school.upToCallback(browser);
    change(url, browser);
    const page = await browser.get(url);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.status).toBeLessThan(503);
    expect(page.setCookies.join()).not.toContain('conclave-session');
    expect(page.body).toContain('role="alert"');
  });

  test("somebody else's answer in one's own browser (a forged log-in)", async () => {
    const attacker = school.openBrowser();
    school.provider.account = 'mallory';
    const url = await school.upToCallback(attacker);
    const victim = school.openBrowser();
    await victim.get(`${school.origin}/login/oidc?room=daily`);
    expect((await victim.get(url)).status).toBe(400);
  });

  test('the same answer a second time', async () => {
    const browser = school.openBrowser();
    const url = await school.upToCallback(browser);
    const kept = new Map(browser.cookies);
    expect((await browser.get(url)).status).toBe(303);
    expect((await browser.get(url)).status).toBe(400);
    // Also when the browser did not forget: then the provider does not take the code twice.
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.get(url)).status).toBe(403);
  });

  test('people without the claim that is wanted', async () => {
    const { page, token } = await school.logIn('mallory');
    expect([page.status, token]).toEqual([403, '']);
    expect(school.server.stderr).toContain('OIDC_ALLOWED_VALUES');
  });

  test('a log-in that was cancelled at the provider', async () => {
    school.provider.account = undefined;
    const page = await school.openBrowser().follow(`${school.origin}/login/oidc?room=daily`);
    expect(page.status).toBe(403);
    expect(page.body).toContain('/login/oidc?return=%2Fdaily');
  });

  test.each([
    ['GET', '/login/oidc/callback?error=%3Cscript%3E&state=x', 400],
    ['POST', '/login/oidc', 405],
    ['GET', '/login/none', 404],
    ['GET', '/login/password', 404],
  ])('%s %s', async (method, path, status) => {
    const browser = school.openBrowser();
    const page = await (method === 'GET'
      ? browser.get(`${school.origin}${path}`)
      : browser.post(`${school.origin}${path}`));
    expect(page.status).toBe(status);
    expect(page.body).not.toContain('<script>');
  });
});

describe('a provider that misbehaves', () => {
  const isToken = (url: string | undefined) => url === '/token';
  const json = (response: ServerResponse, value: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    return true;
  };

  test.each<[string, (response: ServerResponse) => boolean, number, string]>([
    ['answers nonsense', (response) => Boolean(response.end('hello')), 503, 'OIDC_ISSUER'],
    ['has trouble', (response) => Boolean(response.writeHead(500).end()), 503, 'HTTP 500'],
    ['redirects', (r) => Boolean(r.writeHead(302, { location: '/token' }).end()), 503, 'HTTP 302'],
    ['hangs up', (response) => Boolean(response.destroy()), 503, 'OIDC_ISSUER'],
    ['never ends', (r) => Boolean(r.write('x'.repeat(600_000))), 503, 'more than a provider'],
    [
      'knows us no more',
      (r) => json(r, { error: 'invalid_client' }, 401),
      502,
      'OIDC_CLIENT_SECRET',
    ],
    [
      'sends no ID token',
      (r) => json(r, { access_token: 'a', token_type: 'bearer' }),
      503,
      'OIDC_ISSUER',
    ],
  ])('%s', async (_, reply, status, word) => {
    const browser = school.openBrowser();
    const url = await school.upToCallback(browser);
    const seen = school.server.stderr.length;
    school.provider.intercept = (request, response) => isToken(request.url) && reply(response);
    expect((await browser.get(url)).status).toBe(status);
    // The answer may be here before the log.
    await waitUntil(word, () => school.server.stderr.slice(seen).includes(word));
  });

  test('does not answer in time', async () => {
    const browser = school.openBrowser();
    const url = await school.upToCallback(browser);
    school.provider.intercept = (request) => isToken(request.url);
    const page = await browser.get(url);
    expect(page.status).toBe(503);
    const word = 'does not answer in time';
    await waitUntil(word, () => school.server.stderr.includes(word));
  });
});

test('no token, code or secret was ever logged', () => {
  expect(school.tokens.length).toBeGreaterThan(5);
  for (const secret of [...school.tokens, CLIENT.secret])
    expect(school.server.stderr).not.toContain(secret);
  expect(school.server.stderr).not.toMatch(/eyJ[\w-]+\.eyJ/);
  expect(school.server.stderr).not.toMatch(/[?&]code=/);
});
