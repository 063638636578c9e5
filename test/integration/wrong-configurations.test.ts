/** Every wrong configuration of the table gets the message that docs/troubleshooting.md promises. */

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { waitUntil } from '@conclave/testkit';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { fillIn, openPlaces, type Places } from './troubleshooting/places.ts';
import { PAGE, writeTroubleshooting } from './troubleshooting/write-docs.ts';
import type { Section, WrongConfiguration } from './troubleshooting/wrong-configuration.ts';
import { SECTIONS } from './troubleshooting/wrong-configurations.ts';
import { XmppClient } from './xmpp-client.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

let places: Places;
beforeAll(async () => {
  places = await openPlaces();
});
afterAll(() => places.close());

/** Settings of section and entry without what only the test reads. */
function environmentOf(section: Section, entry: WrongConfiguration): Record<string, string> {
  const all = Object.entries({ ...section.settings, ...entry.settings });
  const own = all.filter(([name]) => !name.startsWith('token'));
  return Object.fromEntries(own.map(([name, value]) => [name, fillIn(value, places.values)]));
}

/** Runs until `isEnough`, or until the server has ended; returns everything printed. */
async function outputOf(
  environment: Record<string, string>,
  act: (server: ServerProcess) => Promise<void>,
): Promise<{ text: string; hasStopped: boolean }> {
  const server = await ServerProcess.launch({ environment });
  try {
    await act(server);
    return { text: server.stdout + server.stderr, hasStopped: !server.isRunning };
  } finally {
    await server.stop();
  }
}

async function tokenFor(entry: WrongConfiguration): Promise<string | undefined> {
  const of = (name: string) => entry.settings[`token${name}`];
  if (of('') === '') return undefined;
  const nowS = Math.floor(Date.now() / 1000);
  const token = new SignJWT({
    iss: of('Iss') ?? 'portal',
    aud: of('Aud') ?? 'portal',
    exp: nowS + Number(of('Exp') ?? 60),
    ...(of('Nbf') !== undefined && { nbf: nowS + Number(of('Nbf')) }),
    ...(of('Room') !== '' && { room: '*' }),
  });
  if (of('Alg') === 'ES256') {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const header = { alg: 'ES256', typ: 'JWT', kid: 'portal-1' };
    return token.setProtectedHeader(header).sign(createPrivateKey(pem));
  }
  const secret = of('Secret') ?? 'a secret of the portal, long enough';
  return token
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}

async function tryToken(server: ServerProcess, token: string | undefined): Promise<void> {
  const query = token === undefined ? '?room=daily' : `?room=daily&token=${token}`;
  const client = await XmppClient.connect(server, query);
  client.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>');
  client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
  await client.take('a refusal', ({ name }) => name === 'failure');
  client.socket.terminate();
}

for (const section of SECTIONS) {
  describe(section.title, () => {
    test.each(section.entries)('$what', async (entry) => {
      const environment = environmentOf(section, entry);
      const { text, hasStopped } = await outputOf(environment, async (server) => {
        if (section.shownBy === 'the start, which stops') {
          await server.exited;
          return;
        }
        await waitUntil('the server to be ready', () => server.stdout.includes('is ready'));
        if (section.shownBy === 'the log when somebody logs in') {
          await tryToken(server, await tokenFor(entry));
        }
        await waitUntil(`${server.stderr} to say it`, () => server.stderr.includes(entry.says));
      });
      expect(hasStopped).toBe(section.shownBy === 'the start, which stops');
      // The setting stands in the very line that explains.
      const line = text.split('\n').find((one) => one.includes(entry.says));
      expect(line, text).toContain(fillIn(entry.setting, places.values));
      for (const secret of ['a secret of the portal', 'wrong-password', 'secret-of-nobody']) {
        expect(text).not.toContain(secret);
      }
    });
  });
}

test('there are at least sixty of them, and the page is current', () => {
  expect(SECTIONS.flatMap(({ entries }) => entries).length).toBeGreaterThanOrEqual(60);
  expect(readFileSync(PAGE, 'utf8'), 'test/integration/troubleshooting/write-docs.ts').toBe(
    writeTroubleshooting(),
  );
});
