/** What the web server answers to plain requests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.stop());

describe('pages', () => {
  test.each(['/', '/standup', '/tenant/standup', '/r%C3%A4ume', '/with.dot', '/standup?jwt=x'])(
    '%s is the web client',
    async (path) => {
      const answer = await server.get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.headers['cache-control']).toBe('no-cache');
      expect(answer.body).toContain('src="config.js"');
    },
  );

  test.each([
    ['/standup/', '/standup'],
    ['/tenant/standup/?jwt=x', '/tenant/standup?jwt=x'],
  ])('%s leads to %s', async (path, location) => {
    const answer = await server.get(path);
    expect([answer.status, answer.headers.location]).toEqual([302, location]);
  });

  test.each([
    '/no-such.js',
    '/assets/none.css',
    '/.env',
    '/.git/config',
    '/a/b/c',
    '/..%2f..%2fetc%2fpasswd',
  ])('%s is nothing', async (path) => {
    expect((await server.get(path)).status).toBe(404);
  });

  test.each(['/%00', '/%ff', `/${'a'.repeat(5000)}`])('%s is refused', async (path) => {
    expect((await server.get(path)).status).toBe(400);
  });

  test('the page and its assets come compressed, assets for ever', async () => {
    const page = await server.get('/');
    const asset = /(?:src|href)="(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1];
    expect(asset).toBeDefined();
    const answer = await server.get(asset ?? '', { 'accept-encoding': 'br' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe('br');
    expect(answer.headers['cache-control']).toContain('immutable');
  });

  test('an unchanged asset is not sent again', async () => {
    const path = /"(\/assets\/[^"]+\.js)"/.exec((await server.get('/')).body)?.[1] ?? '';
    const { etag } = (await server.get(path)).headers;
    expect((await server.get(path, { 'if-none-match': etag ?? '' })).status).toBe(304);
  });

  test('an unchanged page is not sent again', async () => {
    const { etag } = (await server.get('/')).headers;
    const answer = await server.get('/', { 'if-none-match': etag ?? '' });
    expect(answer.status).toBe(304);
    expect(answer.body).toBe('');
  });

  test('HEAD answers without a body, other methods are refused', async () => {
    const head = await server.get('/', {}, 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    const post = await server.get('/', {}, 'POST');
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

test('no redirect leads to another host', async () => {
  for (const path of ['/\\evil.example/', '//evil.example/', '/daily//evil.example/']) {
    expect((await server.get(path)).headers.location, path).toBeUndefined();
  }
});

describe('config.js', () => {
  test.each([
    ['/config.js', '', 'muc.meet.jitsi'],
    ['/config.js?room=standup', '', 'muc.meet.jitsi'],
    ['/tenant/config.js', '/tenant', 'muc.tenant.meet.jitsi'],
  ])('%s', async (path, folder, rooms) => {
    const answer = await server.get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('javascript');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatch(/^var config = \{/);
    const address = `"wss://localhost:${server.httpsPort}${folder}/xmpp-websocket"`;
    expect(answer.body).toContain(address);
    expect(answer.body).toContain(`"muc": "${rooms}"`);
  });

  test('repeats the Host that the client used', async () => {
    const answer = await server.get('/config.js', { host: 'meet.example.com' });
    expect(answer.body).toContain('"wss://meet.example.com/xmpp-websocket"');
  });

  test.each(['a b', 'x"};alert(1);//', 'user@host'])('refuses the Host %j', async (host) => {
    expect((await server.get('/config.js', { host })).status).toBe(400);
  });
});

describe('other', () => {
  test('health is 200', async () => {
    const answer = await server.get('/about/health');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { status: 'ok' }]);
  });

  test('the keep-alive GET of the XMPP address is answered', async () => {
    expect((await server.get('/xmpp-websocket?room=standup')).status).toBe(200);
  });

  test('security headers are on every answer; no HSTS with a self-signed certificate', async () => {
    for (const path of ['/', '/config.js', '/nothing.js', '/about/health']) {
      const { headers } = await server.get(path);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe-inline');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  test('the HTTP port sends everyone to HTTPS', async () => {
    const answer = await server.getPlain('/standup?x=1');
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe(`https://localhost:${server.httpsPort}/standup?x=1`);
  });
});

describe('behind a reverse proxy', () => {
  test('DISABLE_HTTPS serves everything on the HTTP port, for PUBLIC_URL', async () => {
    const plain = await ServerProcess.start({
      environment: { DISABLE_HTTPS: '1', PUBLIC_URL: 'https://meet.example.com' },
    });
    try {
      expect((await plain.getPlain('/standup')).status).toBe(200);
      expect((await plain.getPlain('/config.js')).body).toContain(
        '"wss://meet.example.com/xmpp-websocket"',
      );
      expect(plain.stdout).toContain('Conclave is ready: https://meet.example.com/');
    } finally {
      await plain.stop();
    }
  });
});
