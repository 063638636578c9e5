/** Two scripted clients join a room, up to the offer of the bridge; then the bridge channel. */
import type { XmlElement } from '@conclave/protocols/xml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const JINGLE = 'urn:xmpp:jingle:1';
const ICE = 'urn:xmpp:jingle:transports:ice-udp:1';
const COLIBRI = 'http://jitsi.org/protocol/colibri';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.stop());

const isOffer = (element: XmlElement) =>
  element.child('jingle', JINGLE)?.attribute('action') === 'session-initiate';

async function enter(room: string): Promise<XmppClient> {
  const client = await XmppClient.connect(server, `?room=${room}`);
  await client.login();
  await client.join(`${room}@muc.meet.jitsi`);
  return client;
}

function channelUrl(offer: XmlElement): URL {
  const transport = offer.child('jingle', JINGLE)?.child('content')?.child('transport', ICE);
  return new URL(transport?.child('web-socket', COLIBRI)?.attribute('url') ?? '');
}

/** The status of a refused upgrade, or 101. */
function upgradeStatus(url: URL | string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ca: server.certificate });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', reject);
  });
}

describe('a first join', () => {
  test('the first participant meets the focus and becomes moderator', async () => {
    const ada = await enter('alone');
    const focus = await ada.take(
      'the focus',
      (e) => e.attribute('from') === 'alone@muc.meet.jitsi/focus',
    );
    expect(focus.child('x', MUC_USER)?.child('item')?.attribute('jid')).toMatch(
      /^focus@auth\.meet\.jitsi\//,
    );
    const info = await ada.ask(
      'get',
      'alone@muc.meet.jitsi',
      '<query xmlns="http://jabber.org/protocol/disco#info"/>',
    );
    expect(info.attribute('type')).toBe('result');
    expect(info.toString()).toContain('meetingId');
    ada.close();
  });

  test('the second brings both an offer, with a bridge channel that opens', async () => {
    const ada = await enter('standup');
    const ben = await enter('standup');
    await ada.take('ben', (e) => e.attribute('from') === `standup@muc.meet.jitsi/${ben.nick}`);
    for (const client of [ada, ben]) {
      const offer = await client.take('an offer', isOffer);
      expect(offer.attribute('from')).toBe('standup@muc.meet.jitsi/focus');
      client.send(
        `<iq xmlns="jabber:client" type="result" id="${offer.attribute('id')}" to="${offer.attribute('from')}"/>`,
      );
      const contents = offer.child('jingle', JINGLE)?.childrenNamed('content') ?? [];
      expect(contents.map((c) => c.attribute('name'))).toEqual(['audio', 'video']);
      const transport = contents[0]?.child('transport', ICE);
      expect(transport?.childrenNamed('candidate').length).toBeGreaterThan(0);
      expect(transport?.child('candidate')?.attribute('port')).toBe(String(server.udpPort));

      const url = channelUrl(offer);
      // The address that the client itself used, since nobody set PUBLIC_URL.
      expect(url.host).toBe(`localhost:${server.httpsPort}`);
      expect(await upgradeStatus(url)).toBe(101);
      const wrongPassword = new URL(url);
      wrongPassword.searchParams.set('pwd', 'x');
      expect(await upgradeStatus(wrongPassword)).toBe(403);
      const otherBridge = new URL(url);
      otherBridge.pathname = url.pathname.replace('/jvb/', '/other/');
      expect(await upgradeStatus(otherBridge)).toBe(404);
    }
    ada.close();
    ben.close();
  });

  test('chat arrives, and leaving is seen', async () => {
    const ada = await enter('chat');
    const ben = await enter('chat');
    ben.send(
      '<message xmlns="jabber:client" type="groupchat" to="chat@muc.meet.jitsi"><body>hello</body></message>',
    );
    const message = await ada.take('hello', (e) => e.child('body')?.text === 'hello');
    expect(message.attribute('from')).toBe(`chat@muc.meet.jitsi/${ben.nick}`);
    ben.send(
      `<presence xmlns="jabber:client" type="unavailable" to="chat@muc.meet.jitsi/${ben.nick}"/>`,
    );
    await ada.take(
      'that ben left',
      (e) => e.name === 'presence' && e.attribute('type') === 'unavailable',
    );
    ada.close();
    ben.close();
  });
});

describe('bridge channel', () => {
  test.each([
    ['/colibri-ws/jvb/nothing/a1b2c3d4?pwd=x', 404],
    ['/colibri-ws/jvb/nothing', 404],
    ['/colibri-ws/', 404],
    ['/colibri-ws/jvb/a/b/c/d?pwd=x', 404],
    ['/somewhere', 404],
  ])('%s is answered with %i', async (path, status) => {
    expect(await upgradeStatus(`wss://localhost:${server.httpsPort}${path}`)).toBe(status);
  });
});

describe('XMPP address', () => {
  test('a WebSocket without the subprotocol xmpp is refused (RFC 7395 §3.1)', async () => {
    expect(await upgradeStatus(`wss://localhost:${server.httpsPort}/xmpp-websocket`)).toBe(400);
  });

  test('a client of another origin is welcome: embedding pages and apps have their own', async () => {
    const socket = new WebSocket(
      `wss://localhost:${server.httpsPort}/tenant/xmpp-websocket`,
      'xmpp',
      {
        ca: server.certificate,
        origin: 'https://other.example',
      },
    );
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    expect(socket.protocol).toBe('xmpp');
    socket.close();
  });
});
