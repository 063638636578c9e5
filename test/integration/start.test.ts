/** How the server starts, refuses to start, and ends. */
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

let running: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
});

async function start(options?: Parameters<typeof ServerProcess.start>[0]): Promise<ServerProcess> {
  const server = await ServerProcess.start(options);
  running.push(server);
  return server;
}

/** Runs a start that must fail; gives what it said. */
async function failToStart(options: Parameters<typeof ServerProcess.launch>[0]): Promise<string> {
  const server = await ServerProcess.launch(options);
  running.push(server);
  const { code } = await server.exited;
  expect(code).toBe(1);
  expect(server.stdout).not.toContain('ready');
  return server.stderr;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('start', () => {
  test('says where it is and warns about the certificate', async () => {
    const server = await start();
    // All that it says has come when it has ended.
    await server.stop();
    expect(server.stdout).toContain(`Conclave is ready: https://localhost:${server.httpsPort}/`);
    expect(server.stdout).toContain('self-signed');
  });

  test('keeps state private: folders 0700, files 0600', async () => {
    const server = await start();
    expect(statSync(server.config).mode & 0o777).toBe(0o700);
    const files = filesBelow(server.config);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
  });

  test('reads .env, and the environment wins', async () => {
    const server = await start({
      envFile: 'XMPP_DOMAIN=one.example\nMAX_PARTICIPANTS=3\n',
      environment: { XMPP_DOMAIN: 'two.example' },
    });
    expect((await server.get('/config.js')).body).toContain('"muc.two.example"');
  });

  test('reports names that have no effect, and starts', async () => {
    const server = await start({
      environment: { JVB_PROT: '1', JIGASI_SIP_PASSWORD: 'hunter2' },
    });
    expect(server.stderr).toContain('did you mean JVB_PORT');
    expect(server.stderr).toContain(
      'JIGASI_SIP_PASSWORD is known to docker-jitsi-meet but not yet honoured',
    );
    expect(server.stderr).not.toContain('hunter2');
  });

  test('warns of DISABLE_HTTPS without PUBLIC_URL: browsers would give no camera', async () => {
    const server = await start({ environment: { DISABLE_HTTPS: '1' } });
    expect(server.stderr).toContain('DISABLE_HTTPS without PUBLIC_URL');
  });

  test('logs one JSON object a line', async () => {
    const server = await start();
    const lines = server.stderr.trim().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('event');
  });

  test('listens on one address when told so', async () => {
    const server = await start({ environment: { LISTEN_ADDRESS: '127.0.0.1' } });
    expect((await server.get('/about/health')).status).toBe(200);
  });
});

describe('a wrong start', () => {
  test.each([
    ['HTTPS_PORT', 'http', /HTTPS_PORT="http" in the environment cannot be used: expected a port/],
    ['JVB_PORT', '70000', /JVB_PORT="70000".*from 1 to 65535/],
    ['DISABLE_HTTPS', 'perhaps', /DISABLE_HTTPS="perhaps".*1 \(or true\)/],
    ['PUBLIC_URL', 'https://a/b', /PUBLIC_URL="https:\/\/a\/b".*such as https:/],
    ['JVB_ADVERTISE_IPS', 'here', /JVB_ADVERTISE_IPS="here".*IP addresses/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL="loud".*debug, info, warn, error/],
    ['XMPP_DOMAIN', 'a b', /XMPP_DOMAIN="a b".*domain name/],
    [
      'LISTEN_ADDRESS',
      '192.0.2.123',
      /LISTEN_ADDRESS=192\.0\.2\.123 is not an address of this machine/,
    ],
  ])('%s=%s is explained', async (name, value, message) => {
    expect(await failToStart({ environment: { [name]: value } })).toMatch(message);
  });

  test('names every wrong value at once', async () => {
    const text = await failToStart({ environment: { HTTP_PORT: 'x' }, envFile: 'TZ=nowhere' });
    expect(text).toMatch(/HTTP_PORT="x" in the environment/);
    expect(text).toMatch(/TZ="nowhere" in \.env/);
  });

  describe('with a port in use', () => {
    let close: () => void;
    let port: number;

    test.each(['HTTPS_PORT', 'HTTP_PORT'])('names %s', async (name) => {
      const blocker = createServer();
      await new Promise<void>((resolve) => blocker.listen(0, '::', resolve));
      const address = blocker.address();
      port = typeof address === 'object' && address ? address.port : 0;
      close = () => blocker.close();
      expect(await failToStart({ environment: { [name]: String(port) } })).toContain(
        `${name}=${port}: another program already uses TCP port ${port}`,
      );
    });

    test('names JVB_PORT', async () => {
      const blocker = createSocket('udp6');
      await new Promise<void>((resolve) => blocker.bind(0, () => resolve()));
      port = blocker.address().port;
      close = () => blocker.close();
      expect(await failToStart({ environment: { JVB_PORT: String(port) } })).toContain(
        `JVB_PORT=${port}: another program already uses UDP port ${port}`,
      );
    });

    afterEach(() => close());
  });

  describe('with bad files', () => {
    let config: string;
    beforeEach(() => {
      config = mkdtempSync(join(tmpdir(), 'conclave-bad-'));
    });
    afterEach(() => rmSync(config, { recursive: true, force: true }));

    test('explains a certificate without key', async () => {
      mkdirSync(join(config, 'keys'));
      writeFileSync(join(config, 'keys/cert.crt'), 'nonsense');
      expect(await failToStart({ config })).toMatch(/certificate but no private key.*cert\.key/);
    });

    test('explains a CONFIG that is a file', async () => {
      writeFileSync(join(config, 'file'), '');
      expect(await failToStart({ config: join(config, 'file') })).toMatch(/cannot use the folder/);
    });
  });
});

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', async (signal) => {
    const server = await start();
    server.process.kill(signal);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stderr).not.toMatch(/"level":"error"/);
  });

  test('the same signal twice at once is one: npm passes on what the terminal has sent', async () => {
    const server = await start();
    server.process.kill('SIGINT');
    server.process.kill('SIGINT');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  test('clients are told: the close frame, then the close of the WebSocket (RFC 7395 §3.6)', async () => {
    const server = await start();
    const client = await XmppClient.connect(server);
    await client.login();
    server.process.kill('SIGTERM');
    await client.closed;
    expect(client.frames.at(-1)).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />');
    expect((await server.exited).code).toBe(0);
  });

  test('the certificate stays the same after a restart', async () => {
    const config = mkdtempSync(join(tmpdir(), 'conclave-kept-'));
    try {
      const first = await start({ config });
      const { certificate } = first;
      await first.stop();
      expect((await start({ config })).certificate).toBe(certificate);
    } finally {
      await Promise.all(running.map((server) => server.stop()));
      running = [];
      rmSync(config, { recursive: true, force: true });
    }
  });
});
