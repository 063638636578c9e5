import { xml } from '@conclave/protocols/xml';
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { FakePlatform } from '../testing/fake-platform.ts';
import { authenticate, OWN_JID, signOn } from '../testing/sign-on.ts';
import { Connection } from './connection.ts';

const message = (body: string) =>
  xml('message', 'jabber:client', { to: 'r@muc' }, xml('body', 'jabber:client', {}, body));

const R = '<r xmlns="urn:xmpp:sm:3"/>';
const PING = /<ping xmlns="urn:xmpp:ping"\/>/;

function setUp() {
  const clock = new ManualClock();
  const platform = new FakePlatform(clock, new SeededRandom(1));
  const connection = new Connection(platform, {
    serviceUrl: 'wss://meet.jitsi/xmpp-websocket',
    domain: 'meet.jitsi',
    room: 'daily',
  });
  connection.connect();
  return { clock, platform, connection };
}

function connected() {
  const all = setUp();
  signOn(all.platform.socket);
  return all;
}

describe('connecting (RFC 7395)', () => {
  test('opens with the room and the subprotocol, and negotiates step by step', () => {
    const { platform, connection } = setUp();
    const { socket } = platform;
    expect([socket.url, socket.protocol]).toEqual([
      'wss://meet.jitsi/xmpp-websocket?room=daily',
      'xmpp',
    ]);
    authenticate(socket);
    expect(socket.take()).toEqual([
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
      '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
      '<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
    ]);
    expect(connection.state.get().type).toBe('connecting');
  });

  test('is connected only when stream management answered', () => {
    const { platform, connection } = setUp();
    authenticate(platform.socket);
    platform.socket.receive(
      `<iq type="result" id="bind" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>${OWN_JID}</jid></bind></iq>`,
    );
    connection.send(message('early'));
    expect(platform.socket.take().at(-1)).toBe('<enable xmlns="urn:xmpp:sm:3" resume="true"/>');
    platform.socket.receive('<enabled xmlns="urn:xmpp:sm:3" id="smid-1" resume="true"/>');
    expect(connection.state.get()).toEqual({ type: 'connected', jid: OWN_JID });
    expect(platform.socket.take()).toEqual([expect.stringContaining('early')]);
  });

  test('goes on trying, with growing pauses, while the server cannot be reached', () => {
    const { clock, platform, connection } = setUp();
    const pausesMs: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      platform.socket.lose();
      const startMs = clock.nowMs();
      clock.advance((clock.nextTimeoutMs ?? 0) - startMs);
      pausesMs.push(clock.nowMs() - startMs);
      expect(platform.sockets).toHaveLength(attempt + 1);
    }
    expect(connection.state.get()).toEqual({ type: 'connecting', failures: 6 });
    for (const [index, baseMs] of [1000, 2000, 4000, 8000, 8000, 8000].entries()) {
      expect(pausesMs[index]).toBeGreaterThanOrEqual(baseMs);
      expect(pausesMs[index]).toBeLessThan(baseMs * 1.5);
    }
  });

  test('gives a silent server ten seconds', () => {
    const { clock, platform } = setUp();
    platform.socket.events.onOpen();
    clock.advance(9_999);
    expect(platform.socket.closed).toBe(false);
    const { socket } = platform;
    clock.advance(1);
    expect(socket.closed).toBe(true);
  });

  test('ends when guests are not let in', () => {
    const { platform, connection } = setUp();
    platform.socket.events.onOpen();
    platform.socket.receive(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0"/>',
      '<stream:features xmlns:stream="http://etherx.jabber.org/streams"><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism></mechanisms></stream:features>',
    );
    expect(connection.state.get()).toMatchObject({ type: 'closed', reason: 'guestsRefused' });
  });

  test('shows the reason of a refused login', () => {
    const { platform, connection } = setUp();
    platform.socket.events.onOpen();
    platform.socket.receive(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0"/>',
      '<stream:features xmlns:stream="http://etherx.jabber.org/streams"><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>',
      '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-allowed/><text>Invalid signature</text></failure>',
    );
    expect(connection.state.get()).toEqual({
      type: 'closed',
      reason: 'authentication',
      text: 'Invalid signature',
    });
  });
});

describe('requests (RFC 6120 §8)', () => {
  test('resolve with the result from the address that was asked', async () => {
    const { platform, connection } = connected();
    const answer = connection.request('get', 'focus.meet.jitsi', xml('x', 'urn:x'));
    const [sent = ''] = platform.socket.take();
    const id = /id="(\w+)"/.exec(sent)?.[1];
    platform.socket.receive(
      `<iq xmlns="jabber:client" type="result" id="${id}" from="somebody@else"/>`,
      `<iq xmlns="jabber:client" type="result" id="${id}" from="focus.meet.jitsi"><y xmlns="urn:y"/></iq>`,
    );
    expect((await answer).child('y')?.ns).toBe('urn:y');
  });

  test('reject with the condition of an error', async () => {
    const { platform, connection } = connected();
    const answer = connection.request('set', undefined, xml('x', 'urn:x'));
    const id = /id="(\w+)"/.exec(platform.socket.take()[0] ?? '')?.[1];
    platform.socket.receive(
      `<iq xmlns="jabber:client" type="error" id="${id}"><error type="cancel"><not-allowed xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">No.</text></error></iq>`,
    );
    await expect(answer).rejects.toMatchObject({ condition: 'not-allowed', text: 'No.' });
  });

  test('reject after their time, and when the connection ends', async () => {
    const { clock, connection } = connected();
    const slow = connection.request('get', 'x', xml('x', 'urn:x'), { timeoutMs: 100 });
    clock.advance(100);
    await expect(slow).rejects.toMatchObject({ condition: 'timeout' });
    const open = connection.request('get', 'x', xml('x', 'urn:x'), { timeoutMs: undefined });
    connection.close();
    await expect(open).rejects.toMatchObject({ condition: 'disconnected' });
    await expect(connection.request('get', 'x', xml('x', 'urn:x'))).rejects.toMatchObject({
      condition: 'disconnected',
    });
  });

  test('of others are answered by the first handler, else with service-unavailable', () => {
    const { platform, connection } = connected();
    const stop = connection.handleIq((_, payload) =>
      payload.ns === 'urn:x' ? { type: 'result', payload: xml('ok', 'urn:x') } : undefined,
    );
    platform.socket.receive(
      '<iq xmlns="jabber:client" type="get" id="1" from="a@b"><q xmlns="urn:x"/></iq>',
      '<iq xmlns="jabber:client" type="set" id="2" from="a@b"><q xmlns="urn:z"/></iq>',
    );
    stop();
    platform.socket.receive(
      '<iq xmlns="jabber:client" type="get" id="3" from="a@b"><q xmlns="urn:x"/></iq>',
    );
    const replies = platform.socket.take();
    expect(replies[0]).toBe(
      '<iq xmlns="jabber:client" type="result" to="a@b" id="1"><ok xmlns="urn:x"/></iq>',
    );
    expect(replies[1]).toContain('id="2"');
    expect(replies[1]).toContain('<service-unavailable');
    expect(replies[2]).toContain('<service-unavailable');
  });
});

describe('stream management (XEP-0198)', () => {
  test('asks for an acknowledgement after five stanzas, and answers the server’s question', () => {
    const { platform, connection } = connected();
    for (let i = 0; i < 5; i++) connection.send(message(`${i}`));
    expect(platform.socket.take().at(-1)).toBe(R);
    platform.socket.receive(
      '<message xmlns="jabber:client"/>',
      '<presence xmlns="jabber:client"/>',
      R,
    );
    expect(platform.socket.take()).toEqual(['<a xmlns="urn:xmpp:sm:3" h="2"/>']);
  });

  test('resumes after the socket was lost and repeats what the server has not seen', () => {
    const { clock, platform, connection } = connected();
    for (const text of ['one', 'two', 'three']) connection.send(message(text));
    platform.socket.receive('<a xmlns="urn:xmpp:sm:3" h="1"/>', '<message xmlns="jabber:client"/>');
    platform.socket.lose();
    expect(connection.state.get()).toMatchObject({ type: 'reconnecting', jid: OWN_JID });
    connection.send(message('four'));
    clock.advance(1_000);
    const { socket } = platform;
    expect(socket.url).toBe('wss://meet.jitsi/xmpp-websocket?room=daily&previd=smid-1');
    authenticate(socket);
    expect(socket.take().at(-1)).toBe('<resume xmlns="urn:xmpp:sm:3" h="1" previd="smid-1"/>');
    socket.receive('<resumed xmlns="urn:xmpp:sm:3" h="2" previd="smid-1"/>');
    expect(connection.state.get()).toEqual({ type: 'connected', jid: OWN_JID });
    expect(socket.take().map((text) => /<body>(\w+)/.exec(text)?.[1])).toEqual(['three', 'four']);
  });

  test('ends with sessionLost when the server has forgotten the session', () => {
    const { clock, platform, connection } = connected();
    platform.socket.lose();
    clock.advance(1_000);
    authenticate(platform.socket);
    platform.socket.receive(
      '<failed xmlns="urn:xmpp:sm:3"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>',
    );
    expect(connection.state.get()).toMatchObject({ type: 'closed', reason: 'sessionLost' });
  });

  test.each(['7', 'x', '-1', '4294967295'])('ends when the server counted h=%s', (h) => {
    const { clock, platform, connection } = connected();
    connection.send(message('one'));
    platform.socket.lose();
    clock.advance(1_000);
    authenticate(platform.socket);
    platform.socket.receive(`<resumed xmlns="urn:xmpp:sm:3" h="${h}" previd="smid-1"/>`);
    expect(connection.state.get()).toMatchObject({ type: 'closed', reason: 'sessionLost' });
  });

  test('gives up when the server stays away longer than it remembers', () => {
    const { clock, platform, connection } = connected();
    platform.socket.lose();
    for (let i = 0; i < 40 && connection.state.get().type !== 'closed'; i++) {
      clock.advance((clock.nextTimeoutMs ?? 0) - clock.nowMs());
      platform.socket.lose();
    }
    expect(connection.state.get()).toMatchObject({ type: 'closed', reason: 'sessionLost' });
    expect(clock.nowMs()).toBeGreaterThan(65_000);
    expect(clock.nowMs()).toBeLessThan(80_000);
    expect(clock.pendingCount).toBe(0);
  });

  test('tries at once when told that the network is back', () => {
    const { platform, connection } = connected();
    platform.socket.lose();
    connection.retryNow();
    connection.retryNow();
    expect(platform.sockets).toHaveLength(2);
  });
});

describe('keeping alive (XEP-0199)', () => {
  test('pings after ten silent seconds and drops the socket after two unanswered pings', async () => {
    const { clock, platform, connection } = connected();
    const { socket } = platform;
    clock.advance(10_000);
    expect(socket.take()).toEqual([expect.stringMatching(PING)]);
    clock.advance(5_000);
    await settled();
    clock.advance(10_000);
    expect(socket.take()).toEqual([expect.stringMatching(PING)]);
    expect(connection.state.get().type).toBe('connected');
    clock.advance(5_000);
    await settled();
    expect(connection.state.get().type).toBe('reconnecting');
    expect(socket.closed).toBe(true);
  });

  test('does not ping while the server talks', () => {
    const { clock, platform } = connected();
    for (let second = 0; second < 30; second += 5) {
      clock.advance(5_000);
      platform.socket.receive('<message xmlns="jabber:client"/>');
    }
    expect(platform.socket.take()).toEqual([]);
  });

  test('an error is an answer, too', async () => {
    const { clock, platform, connection } = connected();
    for (let i = 0; i < 4; i++) {
      clock.advance(10_000);
      const id = /id="(\w+)"/.exec(platform.socket.take()[0] ?? '')?.[1];
      platform.socket.receive(
        `<iq xmlns="jabber:client" type="error" id="${id}"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`,
      );
      await settled();
    }
    expect(connection.state.get().type).toBe('connected');
  });
});

describe('ending', () => {
  test('says good-bye once and leaves nothing running', () => {
    const { clock, platform, connection } = connected();
    connection.close();
    connection.close();
    expect(platform.socket.take()).toEqual([
      '<presence xmlns="jabber:client" type="unavailable"/>',
      '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>',
    ]);
    expect(connection.state.get()).toEqual({ type: 'closed', reason: 'done', text: '' });
    expect(clock.pendingCount).toBe(0);
  });

  test.each([
    ['a close frame', '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />'],
    [
      'a stream error',
      '<stream:error xmlns:stream="http://etherx.jabber.org/streams"><policy-violation xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>',
    ],
  ])('%s from the server ends the session for good', (_, text) => {
    const { clock, platform, connection } = connected();
    platform.socket.receive(text);
    expect(connection.state.get()).toMatchObject({ type: 'closed', reason: 'sessionLost' });
    expect(clock.pendingCount).toBe(0);
  });

  test('whenConnected rejects for a connection that has ended', async () => {
    const { connection } = setUp();
    const waiting = connection.whenConnected();
    connection.close();
    await expect(waiting).rejects.toMatchObject({ condition: 'disconnected' });
  });
});

/** Lets what hangs on settled promises run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
