/** The secret of tokens is replaced while a call goes on: both are accepted for a time, and no restart is needed. */
import { waitUntil } from '@conclave/testkit';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const OLD = 'the old secret, which somebody has lost';
const NEW = 'the new secret, which nobody has seen';
const COMMON = 'ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=portal\n';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ envFile: `${COMMON}JWT_APP_SECRET="${OLD}"\n` });
});
afterAll(() => server.stop());

async function connect(secret: string): Promise<XmppClient> {
  const token = await new SignJWT({ iss: 'portal', aud: 'meet', room: '*' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  return XmppClient.connect(server, `?room=daily&token=${token}`);
}

async function isAccepted(secret: string): Promise<boolean> {
  const client = await connect(secret);
  client.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>');
  client.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
  const { name } = await client.take('an answer', (e) => /^(?:success|failure)$/.test(e.name));
  client.close();
  return name === 'success';
}

async function reload(text: string, event: string): Promise<string> {
  const before = server.stderr.length;
  server.reload(COMMON + text);
  await waitUntil(event, () => server.stderr.slice(before).includes(event));
  return server.stderr.slice(before);
}

test('old, then both, then new; who is in stays in', async () => {
  expect([await isAccepted(OLD), await isAccepted(NEW)]).toEqual([true, false]);
  const person = await connect(OLD);
  await person.login();
  await person.join('daily@muc.meet.jitsi');

  const both = `JWT_APP_SECRET="${NEW}"\nJWT_APP_SECRET_PREVIOUS="${OLD}"\n`;
  const said = await reload(both, 'settings.reloaded');
  expect(said).toContain('JWT_APP_SECRET_PREVIOUS');
  expect([await isAccepted(OLD), await isAccepted(NEW)]).toEqual([true, true]);

  await reload(`JWT_APP_SECRET="${NEW}"\n`, 'settings.reloaded');
  expect([await isAccepted(OLD), await isAccepted(NEW)]).toEqual([false, true]);
  await person.ask('get', 'meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
  person.close();
});

test('settings that cannot be used change nothing; others wait for a restart; no secret is logged', async () => {
  const wrong = await reload('JWT_APP_SECRET=\n', 'settings.reload.failed');
  expect(wrong).toContain('Set JWT_APP_SECRET, JWT_ASAP_KEYSERVER or JWT_JWKS_URL');
  expect(await isAccepted(NEW)).toBe(true);
  const waiting = `JWT_APP_SECRET="${NEW}"\nENABLE_LOBBY=0\n`;
  expect(await reload(waiting, 'settings.restart.needed')).toContain('"ENABLE_LOBBY"');
  expect(server.stderr + server.stdout).not.toMatch(/the (?:old|new) secret/);
});
