/** What settings and sockets mean for the XMPP side: full rooms, external services, resumed streams. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const SM = 'urn:xmpp:sm:3';
const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const EXTDISCO = 'urn:xmpp:extdisco:2';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({
    environment: {
      MAX_PARTICIPANTS: '2',
      TURN_HOST: 'turn.example',
      TURN_CREDENTIALS: 'hunter2',
      XMPP_DOMAIN: 'meet.example',
    },
  });
});
afterAll(() => server.stop());

async function login(): Promise<XmppClient> {
  const client = await XmppClient.connect(server);
  await client.login('meet.example');
  return client;
}

describe('signalling', () => {
  test('XMPP_DOMAIN moves every address', async () => {
    const client = await login();
    expect(client.jid).toMatch(/@meet\.example\//);
    const own = await client.join('moved@muc.meet.example', 'focus.meet.example');
    expect(own.attribute('type')).toBeUndefined();
    client.close();
  });

  test('a room takes MAX_PARTICIPANTS people, the focus not counted', async () => {
    const room = 'full@muc.meet.example';
    const inside = [await login(), await login()];
    for (const client of inside) await client.join(room, 'focus.meet.example');
    const third = await login();
    const answer = await third.join(room, 'focus.meet.example');
    expect(answer.attribute('type')).toBe('error');
    expect(answer.child('error')?.toString()).toContain('service-unavailable');
    for (const client of [...inside, third]) client.close();
  });

  test('clients are told of the TURN server, with credentials and without the secret', async () => {
    const client = await login();
    const answer = await client.ask('get', 'meet.example', `<services xmlns="${EXTDISCO}"/>`);
    const service = answer.child('services', EXTDISCO)?.child('service');
    expect(service?.attribute('host')).toBe('turn.example');
    expect(service?.attribute('username')).toMatch(/^\d+$/);
    expect(service?.attribute('password')?.length).toBeGreaterThan(20);
    expect(answer.toString()).not.toContain('hunter2');
    expect((await server.get('/config.js')).body).toContain('"useStunTurn": true');
    client.close();
  });

  test('a client that lost its socket gets its name back and misses nothing (XEP-0198)', async () => {
    const room = 'resumed@muc.meet.example';
    const ada = await login();
    ada.send(`<enable xmlns="${SM}" resume="true"/>`);
    const enabled = await ada.take('enabled', (e) => e.name === 'enabled');
    const id = enabled.attribute('id') ?? '';
    await ada.join(room, 'focus.meet.example');
    const ben = await login();
    await ben.join(room, 'focus.meet.example');

    ada.socket.terminate();
    await ada.closed;
    ben.send(
      `<message xmlns="jabber:client" type="groupchat" to="${room}"><body>while away</body></message>`,
    );
    await ben.take('the reflection', (e) => e.child('body')?.text === 'while away');

    const back = await XmppClient.connect(server, `?previd=${id}`);
    await back.authenticate('meet.example');
    back.send(`<resume xmlns="${SM}" h="0" previd="${id}"/>`);
    const resumed = await back.take('resumed', (e) => e.name === 'resumed' || e.name === 'failed');
    expect(resumed.name).toBe('resumed');
    const message = await back.take('the message', (e) => e.child('body')?.text === 'while away');
    expect(message.attribute('to')).toBe(ada.jid);
    back.close();
    ben.close();
  });

  test('the end of a stream is said as RFC 7395 §3.6 wants it', async () => {
    const client = await login();
    client.send(`<close xmlns="${FRAMING}"/>`);
    await client.closed;
    expect(client.frames.at(-1)).toBe(`<close xmlns="${FRAMING}" />`);
  });
});
