/** The bridge worker dies, or hangs, in a running conference: the process lives, everyone is invited again. */
import type { XmlElement } from '@conclave/protocols/xml';
import { afterEach, describe, expect, test } from 'vitest';
import { inspectProcess } from '../bench/inspector/channels.ts';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const JINGLE = 'urn:xmpp:jingle:1';
const ROOM = 'standup@muc.meet.jitsi';
const RECOVERY_MS = 5000;

let server: ServerProcess | undefined;
afterEach(async () => {
  await server?.stop();
});

const isJingle = (action: string) => (element: XmlElement) =>
  element.child('jingle', JINGLE)?.attribute('action') === action;

/** Answers every request, as a client does. */
async function enter(on: ServerProcess): Promise<XmppClient> {
  const client = await XmppClient.connect(on);
  client.onElement = (element) => {
    if (element.name !== 'iq' || !/get|set/.test(element.attribute('type') ?? '')) return;
    client.send(
      `<iq xmlns="jabber:client" type="result" id="${element.attribute('id')}" to="${element.attribute('from')}"/>`,
    );
  };
  await client.login();
  await client.join(ROOM);
  return client;
}

const sessionOf = (element: XmlElement) => element.child('jingle', JINGLE)?.attribute('sid') ?? '';

/** Two people have offers; whatever `spoil` does to their worker, they have new ones soon. */
async function expectRecovery(on: ServerProcess, spoil: () => void): Promise<void> {
  const clients = [await enter(on), await enter(on)];
  const sessions = await Promise.all(
    clients.map(async (client) =>
      sessionOf(await client.take('offer', isJingle('session-initiate'))),
    ),
  );

  const started = Date.now();
  spoil();
  for (const [index, client] of clients.entries()) {
    const end = await client.take('the end of the session', isJingle('session-terminate'));
    expect(sessionOf(end)).toBe(sessions[index]);
    expect(end.toString()).toContain('moving');
    const offer = await client.take('a new offer', isJingle('session-initiate'));
    expect(sessionOf(offer)).not.toBe(sessions[index]);
  }
  expect(Date.now() - started).toBeLessThan(RECOVERY_MS);
  expect(on.isRunning).toBe(true);
  expect((await on.get('/about/health')).status).toBe(200);
  for (const client of clients) client.close();
}

describe('the death of the bridge worker', () => {
  test('everyone gets a new offer from a new worker within 5 s', async () => {
    const started = await ServerProcess.start({ environment: { CONCLAVE_TEST_HOOKS: '1' } });
    server = started;
    await expectRecovery(started, () => started.process.kill('SIGUSR2'));
  });

  test('or from another one, when it hangs in an endless loop', async () => {
    const environment = { NODE_OPTIONS: '--inspect=127.0.0.1:0', JVB_WORKERS: '2' };
    server = await ServerProcess.start({ environment });
    const url = /ws:\/\/\S+/.exec(server.stderr)?.[0] ?? '';
    const { workers, close } = await inspectProcess(url, 'bridge-worker.js');
    await expectRecovery(server, () => workers[0]?.hang());
    expect(server.stderr).toContain('videobridge.hung');
    close();
  });

  test('without the test hook the signal is not ours', async () => {
    server = await ServerProcess.start();
    server.process.kill('SIGUSR2');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGUSR2' });
  });
});
