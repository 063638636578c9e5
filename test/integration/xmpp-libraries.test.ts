/** Independent XMPP clients, without special care: log in, join, chat, configure the room. */
import { client as createClient, type Element, xml } from '@xmpp/client';
import { $iq, $msg, $pres, Strophe, type StropheElement } from 'strophe.js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ServerProcess } from './server-process.ts';

const MUC = 'http://jabber.org/protocol/muc';
const OWNER = 'http://jabber.org/protocol/muc#owner';
const ADMIN = 'http://jabber.org/protocol/muc#admin';
const FOCUS = 'http://jitsi.org/protocol/focus';
const DATA = 'jabber:x:data';
const WAIT_TIMEOUT_MS = 20_000;

let server: ServerProcess;
let service: string;
beforeAll(async () => {
  // @xmpp/client takes that of the platform, which Node.js 20 lacks.
  vi.stubGlobal('WebSocket', WebSocket);
  const environment = { DISABLE_HTTPS: '1', PUBLIC_URL: 'http://localhost' };
  server = await ServerProcess.start({ environment });
  service = `ws://127.0.0.1:${server.httpPort}/xmpp-websocket`;
});
afterAll(() => server.stop());

/** Stanzas as text, kept until somebody asks for one that matches. */
class Inbox {
  readonly #texts: string[] = [];
  #check = () => {};

  add(text: string): void {
    this.#texts.push(text);
    this.#check();
  }

  take(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`nothing matches ${pattern}:\n${this.#texts.join('\n')}`)),
        WAIT_TIMEOUT_MS,
      );
      this.#check = () => {
        const index = this.#texts.findIndex((text) => pattern.test(text));
        if (index < 0) return;
        clearTimeout(timer);
        this.#check = () => {};
        resolve(this.#texts.splice(index, 1)[0] ?? '');
      };
      this.#check();
    });
  }
}

test('@xmpp/client over WebSocket', async () => {
  const room = 'library-one@muc.meet.jitsi';
  const inbox = new Inbox();
  const client = createClient({ service, domain: 'meet.jitsi' });
  client.on('error', () => {});
  client.on('stanza', (stanza: Element) => inbox.add(stanza.toString()));
  await client.start();
  try {
    const request = (to: string, payload: Element, type = 'set') =>
      client.iqCaller.request(xml('iq', { type, to }, payload));
    const nick = client.jid.getLocal().slice(0, 8);
    await request('focus.meet.jitsi', xml('conference', { xmlns: FOCUS, room }));
    await client.send(xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: MUC })));
    await inbox.take(/<presence[^>]*>.*code="110"/s);
    await inbox.take(/affiliation="owner".*code="110"/s);
    await client.send(
      xml(
        'message',
        { to: room, type: 'groupchat', id: 'm1' },
        xml('body', {}, 'hello <all> & you'),
      ),
    );
    expect(await inbox.take(/<body>hello/)).toContain(`from="${room}/${nick}"`);

    const form = (await request(room, xml('query', { xmlns: OWNER }), 'get')).toString();
    expect(form).toContain('muc#roomconfig_roomsecret');
    const field = (name: string, value: string) =>
      xml('field', { var: name }, xml('value', {}, value));
    await request(
      room,
      xml(
        'query',
        { xmlns: OWNER },
        xml(
          'x',
          { xmlns: DATA, type: 'submit' },
          field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'),
          field('muc#roomconfig_roomsecret', 'sesame'),
          field('muc#roomconfig_passwordprotectedroom', '1'),
        ),
      ),
    );
    await inbox.take(/code="104"/);
    const info = await request(
      room,
      xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }),
      'get',
    );
    expect(info.toString()).toContain('muc_passwordprotected');
  } finally {
    await client.stop();
  }
});

test('strophe.js over WebSocket', async () => {
  const room = 'library-two@muc.meet.jitsi';
  const inbox = new Inbox();
  const connection = new Strophe.Connection(service);
  await new Promise<void>((resolve, reject) => {
    connection.connect('meet.jitsi', '', (status) => {
      if (status === Strophe.Status.CONNECTED) resolve();
      const { CONNFAIL, AUTHFAIL } = Strophe.Status;
      if (status === CONNFAIL || status === AUTHFAIL) reject(new Error(`status ${status}`));
    });
  });
  connection.addHandler((stanza: StropheElement) => {
    inbox.add(Strophe.serialize(stanza));
    return true;
  });
  const ask = (stanza: ReturnType<typeof $iq>) =>
    new Promise<string>((resolve, reject) => {
      connection.sendIQ(
        stanza,
        (answer) => resolve(Strophe.serialize(answer)),
        (error) => reject(new Error(error === null ? 'no answer' : Strophe.serialize(error))),
      );
    });
  try {
    const nick = connection.jid.slice(0, 8);
    const conference = { xmlns: FOCUS, room };
    await ask($iq({ type: 'set', to: 'focus.meet.jitsi' }).c('conference', conference));
    connection.send($pres({ to: `${room}/${nick}` }).c('x', { xmlns: MUC }));
    await inbox.take(/affiliation=['"]owner['"].*code=['"]110['"]/s);
    connection.send($msg({ to: room, type: 'groupchat' }).c('body', {}, 'good morning'));
    await inbox.take(/good morning/);
    const items = await ask(
      $iq({ type: 'get', to: room })
        .c('query', { xmlns: ADMIN })
        .c('item', { affiliation: 'owner' }),
    );
    expect(items).toContain(connection.jid.split('/')[0]);
    await ask(
      $iq({ type: 'set', to: room })
        .c('query', { xmlns: OWNER })
        .c('destroy')
        .c('reason', {}, 'the end'),
    );
    await inbox.take(/<destroy.*the end/s);
  } finally {
    connection.disconnect();
  }
});
