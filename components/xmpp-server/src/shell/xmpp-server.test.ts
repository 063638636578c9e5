import { type Clock, silentLogger, type Timers } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { CLOSE_FRAME, NS } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../script-runner/run-script.ts';
import { XmppServer, type XmppServerSettings } from './xmpp-server.ts';

/** Time that moves when told, with timers that fire on the way. */
class ManualTime implements Clock, Timers {
  #nowMs = 0;
  #timers: { dueMs: number; run: () => void }[] = [];

  nowMs = () => this.#nowMs;
  wallMs = () => this.#nowMs;

  schedule(delayMs: number, run: () => void) {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#timers.sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > untilMs) break;
      this.#timers.shift();
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

class Socket {
  sent: string[] = [];
  isClosed = false;
  send = (text: string) => void this.sent.push(text);
  close = () => {
    this.isClosed = true;
  };
}

function start(settings?: XmppServerSettings) {
  const time = new ManualTime();
  const random = seededRandom(1);
  const server = new XmppServer(
    { clock: time, timers: time, random, logger: silentLogger },
    settings,
  );
  return { server, time };
}

const OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>';

function logIn(server: XmppServer, remoteAddress = '192.0.2.1') {
  const socket = new Socket();
  const stream = server.acceptStream(socket, { remoteAddress });
  stream.handleMessage(OPEN);
  stream.handleMessage('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
  stream.handleMessage(OPEN);
  stream.handleMessage(
    '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
  );
  const jid = /<jid>(.*)<\/jid>/.exec(socket.sent.at(-1) ?? '')?.[1] ?? '';
  return { socket, stream, jid };
}

describe('XmppServer', () => {
  test('one timer serves all deadlines, and none is left when it is closed', () => {
    const { server, time } = start();
    const first = new Socket();
    server.acceptStream(first, { remoteAddress: '192.0.2.1' });
    time.advance(5_000);
    const second = new Socket();
    server.acceptStream(second, { remoteAddress: '192.0.2.1' });
    expect(time.pending).toBe(1);
    time.advance(5_000);
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    time.advance(5_000);
    expect(second.isClosed).toBe(true);
    logIn(server);
    server.close();
    expect(time.pending).toBe(0);
  });

  test('close disconnects everybody with an error, the close frame last', () => {
    const { server } = start();
    const { socket } = logIn(server);
    server.close();
    server.close();
    expect(socket.sent.at(-2)).toContain('<system-shutdown');
    expect(socket.sent.at(-1)).toBe(CLOSE_FRAME);
    expect(socket.isClosed).toBe(true);
    expect(server.metrics).toMatchObject({ streams: 0, sessions: 0 });
    const late = new Socket();
    server.acceptStream(late, { remoteAddress: '192.0.2.1' }).handleMessage(OPEN);
    expect(late.isClosed).toBe(true);
  });

  test('connections are bounded, in all and per address', () => {
    const { server } = start({ limits: { maxStreams: 3, maxStreamsPerAddress: 2 } });
    logIn(server, 'a');
    const { stream } = logIn(server, 'a');
    const third = new Socket();
    server.acceptStream(third, { remoteAddress: 'a' });
    expect(third.isClosed).toBe(true);
    stream.handleClose();
    logIn(server, 'a');
    logIn(server, 'b');
    const fifth = new Socket();
    server.acceptStream(fifth, { remoteAddress: 'c' });
    expect(fifth.isClosed).toBe(true);
    expect(server.metrics.streamsRefused).toBe(2);
  });

  test('a component gets stanzas after the input that caused them, never inside send', () => {
    const { server } = start();
    const order: string[] = [];
    const component = server.attachComponent(['focus.meet.jitsi'], (stanza) => {
      order.push('got');
      const id = stanza.attribute('id') ?? '';
      const to = stanza.attribute('from') ?? '';
      component.send(xml('iq', NS.client, { type: 'result', id, from: 'focus.meet.jitsi', to }));
      order.push('answered');
    });
    const { socket, stream } = logIn(server);
    stream.handleMessage(
      '<iq xmlns="jabber:client" type="get" id="7" to="focus.meet.jitsi"><ping xmlns="urn:xmpp:ping"/></iq>',
    );
    expect(order).toEqual(['got', 'answered']);
    expect(socket.sent.at(-1)).toContain('type="result" id="7" from="focus.meet.jitsi"');
  });

  test('a component that throws, or forges its address, harms nobody', () => {
    const { server } = start();
    const component = server.attachComponent(['focus.meet.jitsi'], () => {
      throw new Error('bug in the focus');
    });
    const { socket, stream, jid } = logIn(server);
    stream.handleMessage(
      '<message xmlns="jabber:client" to="focus.meet.jitsi"><body>x</body></message>',
    );
    expect(server.metrics.internalErrors).toBe(1);
    const before = socket.sent.length;
    component.send(xml('message', NS.client, { from: 'meet.jitsi', to: jid }));
    component.send(xml('message', NS.client, { from: 'focus.meet.jitsi' }));
    expect(socket.sent.length).toBe(before);
    expect(socket.isClosed).toBe(false);
  });

  test('a transport that throws closes its own stream only', () => {
    const { server } = start();
    const good = logIn(server);
    const bad = logIn(server);
    bad.socket.send = () => {
      throw new Error('socket gone');
    };
    const ping =
      '<iq xmlns="jabber:client" type="get" id="7" to="meet.jitsi"><ping xmlns="urn:xmpp:ping"/></iq>';
    expect(() => bad.stream.handleMessage(ping)).not.toThrow();
    good.stream.handleMessage(ping);
    expect(good.socket.sent.at(-1)).toContain('type="result" id="7"');
    expect(server.metrics).toMatchObject({ sessions: 1, streams: 1, internalErrors: 0 });
  });

  test('a full socket buffer is a slow consumer', () => {
    const { server } = start({ limits: { maxBufferedBytes: 100 } });
    const socket = Object.assign(new Socket(), { bufferedBytes: () => 101 });
    const stream = server.acceptStream(socket, { remoteAddress: '192.0.2.1' });
    stream.handleMessage(OPEN);
    stream.handleMessage('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    stream.handleMessage(OPEN);
    stream.handleMessage(
      '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
    );
    stream.handleMessage(
      '<iq xmlns="jabber:client" type="get" id="7" to="meet.jitsi"><ping xmlns="urn:xmpp:ping"/></iq>',
    );
    expect(socket.isClosed).toBe(true);
    expect(server.metrics).toMatchObject({ slowConsumerClosures: 1, sessions: 0 });
  });

  test('names are version 4 UUIDs and begin differently', () => {
    const { server } = start();
    const prefixes = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { jid } = logIn(server);
      expect(jid).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@meet\.jitsi\/\w{12}$/,
      );
      prefixes.add(jid.slice(0, 8));
    }
    expect(prefixes.size).toBe(200);
  });
});
