/** A server that is to end when the last meeting is over: by SIGQUIT, or as scripts for Jitsi's bridge ask for it. */
import { afterEach, describe, expect, test } from 'vitest';
import { freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const ROOM = 'standup@muc.meet.jitsi';

let server: ServerProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(environment: Record<string, string> = {}) {
  const port = await freeTcpPort();
  server = await ServerProcess.start({
    environment: { COLIBRI_REST_ENABLED: '1', JVB_COLIBRI_PORT: String(port), ...environment },
  });
  const ask = (body: string, headers: Record<string, string> = {}, method = 'POST') =>
    fetch(`http://127.0.0.1:${port}/colibri/shutdown`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' && { body }),
    }).then(({ status }) => status);
  const stats = async () =>
    (await fetch(`http://127.0.0.1:${port}/colibri/stats`)).json() as Promise<
      Record<string, unknown>
    >;
  return { server, ask, stats };
}

async function enter(on: ServerProcess): Promise<XmppClient> {
  const client = await XmppClient.connect(on);
  await client.login();
  return client;
}

const isReady = async (client: XmppClient, room: string) => {
  const answer = await client.requestConference(room);
  return answer.child('conference', 'http://jitsi.org/protocol/focus')?.attribute('ready');
};

const leave = async (client: XmppClient) => {
  client.send(`<presence xmlns="jabber:client" type="unavailable" to="${ROOM}/${client.nick}"/>`);
  await client.take('own departure', (e) => e.attribute('type') === 'unavailable');
};

describe('a graceful shutdown', () => {
  test('by SIGQUIT: waits for the last meeting, which others may still join', async () => {
    const { server: running, stats } = await start();
    const [ann, bob] = [await enter(running), await enter(running)];
    await ann.join(ROOM);
    expect(await stats()).toMatchObject({ graceful_shutdown: false });
    running.process.kill('SIGQUIT');
    await expect.poll(stats).toMatchObject({ graceful_shutdown: true });
    expect(await isReady(bob, 'other@muc.meet.jitsi')).toBe('false');
    await bob.join(ROOM);
    await leave(ann);
    await leave(bob);
    expect(await running.exited).toEqual({ code: 0, signal: null });
    for (const client of [ann, bob]) expect(client.frames.join('')).toContain('system-shutdown');
  }, 30_000);

  test('is over at once by SIGTERM', async () => {
    const { server: running, stats } = await start();
    const ann = await enter(running);
    await ann.join(ROOM);
    running.process.kill('SIGQUIT');
    await expect.poll(stats).toMatchObject({ graceful_shutdown: true });
    running.process.kill('SIGTERM');
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(ann.frames.join('')).toContain('system-shutdown');
  });

  test('on the private port, when that is allowed', async () => {
    const { server: running, ask, stats } = await start({ SHUTDOWN_REST_ENABLED: '1' });
    const ann = await enter(running);
    await ann.join(ROOM);
    expect(await ask('', {}, 'GET')).toBe(405);
    expect(await ask('{"graceful-shutdown": "perhaps"}')).toBe(400);
    expect(await ask('nonsense')).toBe(400);
    // What a page in a browser may send without asking.
    expect(await ask('{"graceful-shutdown": true}', { 'content-type': 'text/plain' })).toBe(415);
    expect(await stats()).toMatchObject({ graceful_shutdown: false });
    expect(await ask('{"graceful-shutdown": "true"}')).toBe(200);
    await expect.poll(stats).toMatchObject({ graceful_shutdown: true });
    expect(await ask('{"graceful-shutdown": false}')).toBe(200);
    expect(await running.exited).toEqual({ code: 0, signal: null });
  });

  test('cannot be asked for by anybody otherwise', async () => {
    const { server: running, ask, stats } = await start();
    expect(await ask('{"graceful-shutdown": true}')).toBe(405);
    expect(await stats()).toMatchObject({ graceful_shutdown: false });
    expect(running.isRunning).toBe(true);
  });
});
