/** `conclave doctor` says of every wrong configuration of the table what the server would say, and of a good one nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { systemClock, systemTimers } from '@conclave/platform/net';
import { runDoctor } from '@conclave/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freeTcpPort, freeUdpPort, ServerProcess } from './server-process.ts';
import { fillIn, openPlaces, type Places } from './troubleshooting/places.ts';
import { SECTIONS } from './troubleshooting/wrong-configurations.ts';

const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));

let places: Places;
let ports: Readonly<Record<string, string>>;
beforeAll(async () => {
  places = await openPlaces();
  ports = {
    CONFIG: `${places.values.emptyFolder}/none`,
    HTTPS_PORT: String(await freeTcpPort()),
    HTTP_PORT: String(await freeTcpPort()),
    JVB_PORT: String(await freeUdpPort()),
    JVB_ADVERTISE_IPS: '192.0.2.1',
  };
});
afterAll(() => places.close());

async function examine(environment: Readonly<Record<string, string>>, wallOffsetMs = 0) {
  const lines: string[] = [];
  const problems = await runDoctor({
    clock: {
      nowMs: () => systemClock.nowMs(),
      wallMs: () => systemClock.wallMs() + wallOffsetMs,
    },
    timers: systemTimers,
    environment: { ...ports, ...environment },
    envFile: '/no/such/.env',
    say: (line) => lines.push(line),
  });
  return { problems, text: lines.join('\n') };
}

for (const section of SECTIONS) {
  // Tokens are looked at one by one: `conclave token explain`.
  if (section.shownBy === 'the log when somebody logs in') continue;
  // Node reads that variable when it starts.
  if ('NODE_EXTRA_CA_CERTS' in section.settings) continue;
  describe(section.title, () => {
    test.each(section.entries)('$what', async ({ settings, says, setting }) => {
      const filled = Object.entries({ ...section.settings, ...settings }).map(
        ([name, value]) => [name, fillIn(value, places.values)] as const,
      );
      const { text: said } = await examine(Object.fromEntries(filled));
      const found = said.split('\n').find((line) => line.includes(says));
      expect(found, said).toContain(fillIn(setting, places.values));
    });
  });
}

describe('a provider', () => {
  const [section] = SECTIONS.filter(({ settings }) => 'NODE_EXTRA_CA_CERTS' in settings);
  test.each(section?.entries.slice(2, 4) ?? [])('$what', async ({ settings, says }) => {
    const all = { ...section?.settings, ...settings };
    const filled = Object.entries(all).map(([name, value]) => [name, fillIn(value, places.values)]);
    const child = spawn(process.execPath, [CLI_FILE, 'doctor'], {
      env: { PATH: process.env.PATH ?? '', ...ports, ...Object.fromEntries(filled) },
    });
    const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(output).toContain(says);
    expect(status).toBe(1);
  });
});

test('nothing is wrong with a fresh server, before its first start and beside it', async () => {
  const before = await examine({});
  expect(before.text).not.toMatch(/PROBLEM|warning /);
  expect(before.problems).toBe(0);
  const server = await ServerProcess.start();
  const beside = await examine({
    CONFIG: server.config,
    HTTPS_PORT: String(server.httpsPort),
    HTTP_PORT: String(server.httpPort),
    JVB_PORT: String(server.udpPort),
  });
  await server.stop();
  expect(beside.problems).toBe(0);
  expect(beside.text).toMatch(/HTTPS_PORT: .*the server runs there/);
  expect(beside.text).toMatch(/certificate: self-signed, 39\d days left/);
});

test('a clock that is wrong, and a document without keys, show by the key server', async () => {
  const server = createServer((_, response) => response.end('{"keys":[]}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = {
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_JWKS_URL: `http://127.0.0.1:${port}/`,
  };
  const late = await examine(settings, 600_000);
  const right = await examine(settings);
  server.close();
  expect(late.text).toMatch(/PROBLEM clock: 60\d s fast.*timedatectl/);
  expect(late.text).toMatch(/PROBLEM JWT_JWKS_URL: the document holds no keys/);
  expect(right.text).toMatch(/ok +clock: agrees with 127\.0\.0\.1/);
});

test('says no secret', async () => {
  const { text: said } = await examine({
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_APP_SECRET: 'hunter22',
    TURN_CREDENTIALS: 'hunter22',
  });
  expect(said).not.toContain('hunter22');
});
