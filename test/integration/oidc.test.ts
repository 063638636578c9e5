/** Log-ins at a real OpenID Connect provider over HTTPS: there and back, and every way to cheat. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@conclave/testkit';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestAuthority } from './directory/authority.ts';
import { CookieBrowser, type Page } from './oidc/cookie-browser.ts';
import { CLIENT, TestProvider } from './oidc/test-provider.ts';
import { freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

let folder: string;
let authority: TestAuthority;
let provider: TestProvider;
let server: ServerProcess;
/** The address of our server. */
let origin: string;
const tokens: string[] = [];

const accounts = {
  ada: { name: 'Ada Lovelace', email: 'ada@school.example', groups: ['teachers', 'staff'] },
  grace: { name: 'Grace <script>', groups: ['pupils'], tools: ['recording', 'no such THING'] },
  mallory: { name: 'Mallory', groups: ['strangers'] },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-oidc-'));
  authority = new TestAuthority(folder, 'authority');
  const certificate = authority.issue('provider', 'DNS:localhost');
  // The provider must know our address, and we its: so our port comes first.
  const port = await freeTcpPort();
  origin = `https://localhost:${port}`;
  provider = await TestProvider.start(certificate, [`${origin}/login/oidc/callback`], accounts);
  server = await ServerProcess.start({ httpsPort: port, environment: environment() });
  provider.trusted = server.certificate;
});
afterEach(() => {
  provider.account = 'ada';
  provider.intercept = () => false;
  provider.requests.length = 0;
});
afterAll(async () => {
  provider?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  return {
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'oidc',
    PUBLIC_URL: origin,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_NAME: 'Example School',
    OIDC_MODERATOR_CLAIM: 'groups',
    OIDC_MODERATOR_VALUES: 'teachers',
    OIDC_FEATURES_CLAIM: 'tools',
    OIDC_ALLOWED_CLAIM: 'groups',
    OIDC_ALLOWED_VALUES: 'teachers,pupils',
    NODE_EXTRA_CA_CERTS: authority.certFile,
    LOG_LEVEL: 'debug',
  };
}

function openBrowser(): CookieBrowser {
  return new CookieBrowser(() => [authority.pem, server.certificate]);
}

const isOurs = (url: URL) => url.origin === origin;
const isCallback = (url: URL) => isOurs(url) && url.pathname === '/login/oidc/callback';
const isRoom = (url: URL) => isOurs(url) && url.hash !== '';

/** Logs in as `account` and returns where it ended. */
async function logIn(
  account: string,
  path = '/login/oidc?room=daily',
  browser = openBrowser(),
): Promise<{ browser: CookieBrowser; page: Page; token: string }> {
  provider.account = account;
  const page = await browser.follow(`${origin}${path}`, isRoom);
  const token =
    new URLSearchParams(new URL(page.location ?? origin).hash.slice(1)).get('jwt') ?? '';
  if (token !== '') tokens.push(token);
  return { browser, page, token };
}

/** As far as the provider's answer, which is not yet handed in. */
async function upToCallback(browser: CookieBrowser): Promise<URL> {
  const page = await browser.follow(`${origin}/login/oidc?room=daily`, isCallback);
  return new URL(page.location ?? '');
}

describe('a log-in', () => {
  test('leads back to the room with a token that opens it, and makes the teacher moderator', async () => {
    const { page, token } = await logIn('ada');
    expect(page.location).toBe(`${origin}/daily#jwt=${token}`);
    expect(decodeJwt(token)).toMatchObject({
      iss: 'conclave-session',
      context: {
        user: { id: 'ada', name: 'Ada Lovelace', email: 'ada@school.example', moderator: true },
      },
    });
    const client = await XmppClient.connect(server, `?room=daily&token=${token}`);
    await client.login();
    const presence = await client.join('daily@muc.meet.jitsi');
    const item = presence.child('x', MUC_USER)?.child('item');
    expect(item?.attribute('role')).toBe('moderator');
    client.socket.terminate();
  });

  test("a pupil's does not, but gets the features of the claim", async () => {
    const { token } = await logIn('grace');
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
    const { page, token } = await logIn('ada', path);
    expect(page.location).toBe(`${origin}${expected}#jwt=${token}`);
  });

  test('asks with PKCE, state and nonce, and for the way back that is registered', async () => {
    const page = await openBrowser().get(`${origin}/login/oidc?room=daily`);
    const { searchParams } = new URL(page.location ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: `${origin}/login/oidc/callback`,
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)?.length).toBeGreaterThan(40);
    }
    expect(page.setCookies[0]).toMatch(/^__Host-conclave-login-.*HttpOnly; SameSite=Lax; Secure/);
  });

  test('two at a time in one browser do not disturb each other', async () => {
    const browser = openBrowser();
    const [first, second] = [await upToCallback(browser), await upToCallback(browser)];
    for (const url of [second, first]) {
      expect((await browser.get(url)).location).toMatch(/^\/daily#jwt=/);
    }
  });

  test('is recorded, without any secret', async () => {
    await logIn('ada');
    const { readFileSync } = await import('node:fs');
    const records = await waitUntil('the record', () => {
      const text = readFileSync(join(server.config, 'audit.log'), 'utf8');
      return text.includes('"method":"oidc"') && text;
    });
    expect(records).toContain('"actor":"ada"');
    expect(records).not.toContain('eyJ');
  });
});

describe('the session that a browser keeps', () => {
  test('gives the token again, until the log-out, which ends the token too', async () => {
    const { browser, token } = await logIn('ada');
    const again = await browser.post(`${origin}/login/session`);
    expect(JSON.parse(again.body)).toEqual({ token });

    const kept = new Map(browser.cookies);
    const out = await browser.post(`${origin}/login/logout`);
    expect(JSON.parse(out.body).url).toContain(`${provider.issuer}/session/end`);
    expect((await browser.post(`${origin}/login/session`)).body).toBe('{}');

    // Nor with a copy of the cookie, nor with the token itself.
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.post(`${origin}/login/session`)).body).toBe('{}');
    const client = await XmppClient.connect(server, `?room=daily&token=${token}`);
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
    const end = await client.take('an end', ({ name }) => ['failure', 'success'].includes(name));
    expect(end.child('text')?.text).toBe('logged out');
    client.socket.terminate();
  });

  test('the page offers to go on, and to log out there and at the provider', async () => {
    const { browser, token } = await logIn('grace');
    const page = await browser.get(`${origin}/login?room=daily`);
    expect(page.body).toContain('As Grace &lt;script&gt;.');
    expect(page.body).toContain('href="/login/continue?return=%2Fdaily"');
    const again = await browser.get(`${origin}/login/continue?return=%2Fdaily`);
    expect(again.location).toBe(`/daily#jwt=${token}`);
    const away = await browser.get(`${origin}/login/continue?return=%2F%2Fevil.example`);
    expect(away.location).toBe(`/#jwt=${token}`);
    const forged = { origin: 'https://evil.example' };
    expect((await browser.post(`${origin}/login/leave`, {}, forged)).status).toBe(403);
    const out = await browser.post(`${origin}/login/leave`);
    expect(out.body).toContain(`${provider.issuer}/session/end`);
    const back = await browser.get(`${origin}/login/continue?return=%2Fdaily`);
    expect(back.location).toBe('/login?return=%2Fdaily');
    expect((await browser.get(`${origin}/login?room=daily`)).body).toContain('Example School');
  });

  test.each(['session', 'logout'])('%s is not for other sites', async (name) => {
    const { browser } = await logIn('ada');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin, 'sec-fetch-site': 'cross-site' },
    ]) {
      const page = await browser.post(`${origin}/login/${name}`, {}, headers);
      expect(page.status).toBe(403);
      expect(page.body).not.toContain('eyJ');
    }
    expect((await browser.get(`${origin}/login/${name}`)).status).toBe(405);
  });
});

describe('a log-out at the provider', () => {
  async function enter(token: string): Promise<XmppClient> {
    const client = await XmppClient.connect(server, `?room=daily&token=${token}`);
    await client.login();
    await client.join('daily@muc.meet.jitsi');
    return client;
  }
  const sessionOf = (token: string) => (decodeJwt(token).provider as { sid: string }).sid;
  const isGood = async (token: string) => {
    const client = await XmppClient.connect(server, `?room=daily&token=${token}`);
    client.send(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
    client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
    const end = await client.take('an end', ({ name }) => ['failure', 'success'].includes(name));
    client.socket.terminate();
    return end.name === 'success';
  };
  const nextSecond = () => {
    const beganS = Math.floor(Date.now() / 1000);
    return waitUntil('the next second', () => Math.floor(Date.now() / 1000) > beganS);
  };

  test('of one session ends the log-in and the call of that, and no other', async () => {
    const [first, second] = [await logIn('ada'), await logIn('ada')];
    const [thrown, other] = [await enter(first.token), await enter(second.token)];
    await provider.logOut('ada', sessionOf(first.token));
    await waitUntil('the end', () => thrown.frames.some((f) => f.includes('not-authorized')));
    await other.ask('get', 'meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
    expect([await isGood(first.token), await isGood(second.token)]).toEqual([false, true]);
    other.close();
  });

  test('of a person ends all of them, and whoever logs in again is in again', async () => {
    const before = [await logIn('ada'), await logIn('ada'), await logIn('grace')];
    await provider.logOut('ada');
    const good = [];
    for (const { token } of before) good.push(await isGood(token));
    expect(good).toEqual([false, false, true]);
    await nextSecond();
    expect(await isGood((await logIn('ada')).token)).toBe(true);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['nonsense', 'logout_token=abc'],
    ['a token of somebody else', `logout_token=eyJhbGciOiJub25lIn0.e30.`],
    ['something long', `logout_token=${'a'.repeat(20_000)}`],
  ])('that is forged (%s) is refused', async (_, body) => {
    const page = await openBrowser().post(`${origin}/login/oidc/backchannel-logout`, body);
    expect(page.status).toBe(400);
    expect(JSON.parse(page.body).error).toBe('invalid_request');
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
    const browser = openBrowser();
    const url = await upToCallback(browser);
    change(url, browser);
    const page = await browser.get(url);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.status).toBeLessThan(503);
    expect(page.setCookies.join()).not.toContain('conclave-session');
    expect(page.body).toContain('role="alert"');
  });

  test("somebody else's answer in one's own browser (a forged log-in)", async () => {
    const attacker = openBrowser();
    provider.account = 'mallory';
    const url = await upToCallback(attacker);
    const victim = openBrowser();
    await victim.get(`${origin}/login/oidc?room=daily`);
    expect((await victim.get(url)).status).toBe(400);
  });

  test('the same answer a second time', async () => {
    const browser = openBrowser();
    const url = await upToCallback(browser);
    const kept = new Map(browser.cookies);
    expect((await browser.get(url)).status).toBe(303);
    expect((await browser.get(url)).status).toBe(400);
    // Also when the browser did not forget: then the provider does not take the code twice.
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.get(url)).status).toBe(403);
  });

  test('people without the claim that is wanted', async () => {
    const { page, token } = await logIn('mallory');
    expect([page.status, token]).toEqual([403, '']);
    expect(server.stderr).toContain('OIDC_ALLOWED_VALUES');
  });

  test('a log-in that was cancelled at the provider', async () => {
    provider.account = undefined;
    const page = await openBrowser().follow(`${origin}/login/oidc?room=daily`);
    expect(page.status).toBe(403);
    expect(page.body).toContain('/login/oidc?return=%2Fdaily');
  });

  test.each([
    ['GET', '/login/oidc/callback?error=%3Cscript%3E&state=x', 400],
    ['POST', '/login/oidc', 405],
    ['GET', '/login/none', 404],
    ['GET', '/login/password', 404],
  ])('%s %s', async (method, path, status) => {
    const browser = openBrowser();
    const page = await (method === 'GET'
      ? browser.get(`${origin}${path}`)
      : browser.post(`${origin}${path}`));
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
    const browser = openBrowser();
    const url = await upToCallback(browser);
    const seen = server.stderr.length;
    provider.intercept = (request, response) => isToken(request.url) && reply(response);
    expect((await browser.get(url)).status).toBe(status);
    // The answer may be here before the log.
    await waitUntil(word, () => server.stderr.slice(seen).includes(word));
  });

  test('does not answer in time', async () => {
    const browser = openBrowser();
    const url = await upToCallback(browser);
    provider.intercept = (request) => isToken(request.url);
    const page = await browser.get(url);
    expect(page.status).toBe(503);
    const word = 'does not answer in time';
    await waitUntil(word, () => server.stderr.includes(word));
  });
});

test('no token, code or secret was ever logged', () => {
  expect(tokens.length).toBeGreaterThan(5);
  for (const secret of [...tokens, CLIENT.secret]) expect(server.stderr).not.toContain(secret);
  expect(server.stderr).not.toMatch(/eyJ[\w-]+\.eyJ/);
  expect(server.stderr).not.toMatch(/[?&]code=/);
});
