/** A client that does nothing but send, as fast as it can, and comes back whenever it is thrown out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '../../integration/server-process.ts';
import { XmppClient } from '../../integration/xmpp-client.ts';

export interface FloodTarget {
  readonly server: ServerProcess;
  /** Bare JID. */
  readonly room: string;
}

export interface FloodCount {
  stanzas: number;
  /** Logged in anew. */
  connections: number;
}

/** The `n`-th stanza, for somebody with this nick. */
export type MakeStanza = (n: number, nick: string, room: string) => string;

/** Written before the event loop gets a turn, so that answers and closings are noticed. */
const BURST = 50;

const NS = 'xmlns="jabber:client"';

export const chat: MakeStanza = (n, _, room) =>
  `<message ${NS} type="groupchat" id="f${n}" to="${room}"><body>${'y'.repeat(500)}</body></message>`;

export const presence: MakeStanza = (n, nick, room) =>
  `<presence ${NS} to="${room}/${nick}"><nick xmlns="http://jabber.org/protocol/nick">f${n}</nick><SourceInfo>{"${nick}-a0":{"muted":${n % 2 === 0}}}</SourceInfo></presence>`;

/** What costs an answer, or work of the focus: disco, the room's form, a conference request, a mute. */
export const iq: MakeStanza = (n, nick, room) => {
  const requests = [
    `type="get" to="${room}"><query xmlns="http://jabber.org/protocol/disco#info"/>`,
    `type="get" to="${room}"><query xmlns="http://jabber.org/protocol/muc#owner"/>`,
    `type="set" to="focus.meet.jitsi"><conference xmlns="http://jitsi.org/protocol/focus" room="${room}"/>`,
    `type="set" to="${room}/focus"><mute xmlns="http://jitsi.org/jitmeet/audio" jid="${room}/${nick}">true</mute>`,
  ];
  return `<iq ${NS} id="f${n}" ${requests[n % requests.length]}</iq>`;
};

/** Over WebSocket, until `isOver`. */
export async function floodWebSocket(
  { server, room }: FloodTarget,
  make: MakeStanza,
  isOver: () => boolean,
): Promise<FloodCount> {
  const count: FloodCount = { stanzas: 0, connections: 0 };
  while (!isOver()) {
    const eve = await XmppClient.connect(server);
    await eve.login();
    await eve.join(room);
    count.connections++;
    let isClosed = false;
    void eve.closed.then(() => {
      isClosed = true;
    });
    while (!isOver() && !isClosed) {
      for (let i = 0; i < BURST; i++) eve.send(make(count.stanzas++, eve.nick, room));
      await delay(0);
    }
    eve.close();
  }
  return count;
}

const BODY = 'xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh"';

/** Over BOSH (XEP-0124): a burst in each request, two requests at a time, until `isOver`. */
export async function floodBosh(
  { server, room }: FloodTarget,
  make: MakeStanza,
  isOver: () => boolean,
): Promise<FloodCount> {
  const count: FloodCount = { stanzas: 0, connections: 0 };
  const url = `http://127.0.0.1:${server.httpPort}/http-bind?room=flooded`;
  while (!isOver()) {
    let rid = 1_000_000 + count.connections * 1_000_000;
    let sid = '';
    const post = async (payload: string, attributes = ''): Promise<string> => {
      const session = sid === '' ? '' : `sid="${sid}"`;
      const body = `<body ${BODY} rid="${rid++}" ${session} ${attributes}>${payload}</body>`;
      const headers = { 'Content-Type': 'text/xml' };
      return (await fetch(url, { method: 'POST', headers, body })).text();
    };
    const opened = await post('', 'to="meet.jitsi" wait="1" hold="1" xmpp:version="1.0"');
    sid = /sid="(\w+)"/.exec(opened)?.[1] ?? '';
    await post('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    await post('', 'xmpp:restart="true"');
    const bound = await post(
      `<iq type="set" id="b" ${NS}><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`,
    );
    const nick = /<jid>([^<]{8})/.exec(bound)?.[1] ?? '';
    count.connections++;
    let answer = await post(
      `<presence ${NS} to="${room}/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
    );
    while (!isOver() && !answer.includes('type="terminate"')) {
      const burst = () =>
        Array.from({ length: BURST }, () => make(count.stanzas++, nick, room)).join('');
      const answers = await Promise.all([post(burst()), post(burst())]);
      answer = answers.join('');
    }
  }
  return count;
}
