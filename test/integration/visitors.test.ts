/** Visitors where people log in: whoever is sent to the visitor node proves there what it proved here, and looks on. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseJid } from '@conclave/protocols/xmpp';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const VISITORS = { ENABLE_VISITORS: '1', VISITORS_MAX_PARTICIPANTS: '1', ENABLE_AUTH: '1' };
const NODE = 'v1.meet.jitsi';
const FOCUS = 'http://jitsi.org/protocol/focus';
const MUC = 'http://jabber.org/protocol/muc';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const SECRET = 'a secret for tokens of visitors';

let server: ServerProcess;
const clients: XmppClient[] = [];

async function connect(query = ''): Promise<XmppClient> {
  const client = await XmppClient.connect(server, query);
  clients.push(client);
  return client;
}

/** The node that the focus sends `client` to, who may want no more than to look on. */
async function nodeFor(client: XmppClient, wantsToLookOn = false): Promise<string | undefined> {
  const wish = wantsToLookOn ? '<property name="visitor" value="true"/>' : '';
  const request = `<conference xmlns="${FOCUS}" room="daily@muc.meet.jitsi" machine-uid="${client.nick}"><property name="visitors-version" value="1"/>${wish}</conference>`;
  const answer = await client.ask('set', 'focus.meet.jitsi', request);
  const conference = answer.child('conference', FOCUS);
  expect(conference?.attribute('ready'), String(answer)).toBe('true');
  return conference?.attribute('vnode');
}

/** The role in the room, by its name on the node, or the condition of the refusal. */
async function enterOnNode(client: XmppClient): Promise<string | undefined> {
  const room = `daily@muc.${NODE}`;
  client.send(
    `<presence xmlns="jabber:client" to="${room}/${client.nick}"><x xmlns="${MUC}"/></presence>`,
  );
  const own = await client.take('own presence', (element) => {
    const from = parseJid(element.attribute('from') ?? '');
    return element.name === 'presence' && from?.full === `${room}/${client.nick}`;
  });
  const refusal = [...(own.child('error')?.elements() ?? [])].at(-1);
  return refusal?.name ?? own.child('x', `${MUC}#user`)?.child('item')?.attribute('role');
}

/** What the node answers who names nobody. */
async function tryAnonymously(): Promise<string | undefined> {
  const client = await connect();
  client.send(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${NODE}" version="1.0"/>`);
  client.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
  const answer = await client.take('an answer', ({ ns }) => ns === SASL);
  return [...answer.elements()][0]?.name ?? answer.name;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

describe('with tokens', () => {
  const token = (claims: object) =>
    new SignJWT({ iss: 'portal', aud: 'meet', room: '*', ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));

  beforeAll(async () => {
    const tokens = { AUTH_TYPE: 'jwt', JWT_APP_ID: 'portal', JWT_APP_SECRET: SECRET };
    server = await ServerProcess.start({ environment: { ...VISITORS, ...tokens } });
  });
  afterAll(() => server.stop());

  test('the node wants one too, and it must be for the room', async () => {
    const host = await connect(`?token=${await token({})}`);
    await host.login();
    await host.join('daily@muc.meet.jitsi');
    const query = `?token=${await token({})}`;
    const second = await connect(query);
    await second.login();
    expect(await nodeFor(second)).toBe('v1');
    second.close();

    const visitor = await connect(query);
    await visitor.login(NODE);
    expect(await enterOnNode(visitor)).toBe('visitor');
    expect(await tryAnonymously()).toBe('not-allowed');
    const elsewhere = await connect(`?token=${await token({ room: 'other' })}`);
    await elsewhere.login(NODE);
    expect(await enterOnNode(elsewhere)).toBe('room-name-does-not-match');
  });
});

describe.each([
  ['without guests', '0'],
  ['with guests', '1'],
])('with accounts, %s', (_what, ENABLE_GUESTS) => {
  const hasGuests = ENABLE_GUESTS === '1';
  const accounts = { ...VISITORS, AUTH_TYPE: 'internal', ENABLE_GUESTS };

  beforeAll(async () => {
    server = await ServerProcess.start({ environment: accounts });
    const env = { PATH: process.env.PATH ?? '', CONFIG: server.config, ...accounts };
    for (const name of ['ada', 'ben']) {
      const options = { env, input: `the password of ${name}\n` };
      expect(spawnSync(process.execPath, [CLI_FILE, 'user', 'add', name], options).status).toBe(0);
    }
  });
  afterAll(() => server.stop());

  test('the node lets in who may look on', async () => {
    const ada = await connect();
    expect(await ada.loginWithPassword('ada', 'the password of ada')).toBeUndefined();
    await ada.join('daily@muc.meet.jitsi');
    const ben = await connect();
    if (hasGuests) {
      await ben.login('guest.meet.jitsi');
      expect(await nodeFor(ben)).toBe('v1');
    } else {
      expect(await ben.loginWithPassword('ben', 'the password of ben')).toBeUndefined();
      // Whoever leads has a place, unless they say otherwise.
      expect(await nodeFor(ben)).toBeUndefined();
      expect(await nodeFor(ben, true)).toBe('v1');
    }
    ben.close();

    const visitor = await connect();
    if (hasGuests) await visitor.login(NODE);
    else {
      expect(await tryAnonymously()).toBe('invalid-mechanism');
      const guesser = await connect();
      expect(await guesser.loginWithPassword('ben', 'wrong', NODE)).toBe('not-authorized');
      const refusal = await visitor.loginWithPassword('ben', 'the password of ben', NODE);
      expect(refusal).toBeUndefined();
    }
    expect(await enterOnNode(visitor)).toBe('visitor');
  });
});
