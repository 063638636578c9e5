import { xml } from '@conclave/protocols/xml';
import { iqPayload, iqRequest, NS, stanzaErrorFromXml } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { FOCUS_JID, ROOM } from './scripted-client.ts';

describe('the conference request', () => {
  test('is answered when the focus is in the room', () => {
    const harness = new ConferenceHarness();
    const reply = harness.requestConference();
    expect(harness.isFocusInRoom).toBe(true);
    expect(reply?.attribute('type')).toBe('result');
    expect(reply?.attribute('from')).toBe('focus.meet.jitsi');
    const conference = reply && iqPayload(reply);
    expect(conference?.ns).toBe('http://jitsi.org/protocol/focus');
    expect(Object.fromEntries(conference?.attributes ?? [])).toEqual({
      room: ROOM,
      ready: 'true',
      focusjid: 'focus@auth.meet.jitsi',
    });
    expect(conference?.childrenNamed('property').map((p) => p.toString())).toEqual([
      '<property xmlns="http://jitsi.org/protocol/focus" name="authentication" value="false"/>',
      '<property xmlns="http://jitsi.org/protocol/focus" name="externalAuth" value="false"/>',
      '<property xmlns="http://jitsi.org/protocol/focus" name="sipGatewayEnabled" value="false"/>',
    ]);
  });

  test('of several clients makes one conference', () => {
    const harness = new ConferenceHarness();
    harness.requestConference('a1');
    harness.requestConference('b2', 'Daily@MUC.meet.jitsi');
    expect(harness.core.stats().conferences).toBe(1);
    expect(harness.focusPresences).toHaveLength(1);
    expect(harness.conferenceReplies).toHaveLength(2);
  });

  test('of a client that knows visitor nodes names one when it is to look on', () => {
    const full = new Set<string>();
    const harness = new ConferenceHarness({
      visitors: true,
      visitorNode: { name: 'v1', expects: (_, room) => full.has(room.bare) },
    });
    const nodeFor = (properties: Readonly<Record<string, string>>, room = ROOM) => {
      const children = Object.entries(properties).map(([name, value]) =>
        xml('property', NS.focus, { name, value }),
      );
      const payload = xml('conference', NS.focus, { room }, ...children);
      const reply = harness.requestConference('a1', room, payload);
      return reply && iqPayload(reply)?.attribute('vnode');
    };
    const modern = { 'visitors-version': '1' };
    expect(nodeFor(modern)).toBeUndefined();
    expect(nodeFor({ ...modern, visitor: 'true' })).toBe('v1');
    full.add(ROOM);
    expect(nodeFor(modern)).toBe('v1');
    // Clients of 2021, and ours.
    expect(nodeFor({})).toBeUndefined();
    expect(nodeFor({ visitor: 'true' })).toBeUndefined();
    const breakout = 'room@breakout.meet.jitsi';
    full.add(breakout);
    expect(nodeFor(modern, breakout)).toBeUndefined();
  });

  test('of two tenants for rooms of one name makes two conferences', () => {
    const harness = new ConferenceHarness();
    harness.requestConference('a1', 'daily@muc.acme.meet.jitsi');
    harness.requestConference('b2', 'daily@muc.other.meet.jitsi');
    expect(harness.core.stats().conferences).toBe(2);
  });

  test('waits for the room, and is not ready when the room does not answer', () => {
    const harness = new ConferenceHarness();
    harness.answersJoin = false;
    expect(harness.requestConference()).toBeUndefined();
    harness.time.advance(10_000);
    const reply = harness.conferenceReplies[0];
    expect(reply && iqPayload(reply)?.attribute('ready')).toBe('false');
    expect(harness.core.stats().conferences).toBe(0);
  });

  test('is not ready when the room refuses the focus', () => {
    const harness = new ConferenceHarness();
    harness.joinError = 'conflict';
    const reply = harness.requestConference();
    expect(reply && iqPayload(reply)?.attribute('ready')).toBe('false');
    expect(harness.core.stats().conferences).toBe(0);
    expect(harness.time.timerCount).toBe(0);
  });

  test.each([
    ['another domain', 'room@example.org'],
    ['no tenant', 'room@muc.a.b.meet.jitsi'],
    ['a second way to a room of a tenant', '[acme]room@muc.meet.jitsi'],
    ['no node', 'muc.meet.jitsi'],
    ['an occupant', 'room@muc.meet.jitsi/x'],
    ['nothing', ''],
    ['not an address', 'a b@muc.meet.jitsi'],
    ['a long name', `${'x'.repeat(513)}@muc.meet.jitsi`],
  ])('is refused for %s', (_, room) => {
    const harness = new ConferenceHarness();
    const reply = harness.requestConference('a1', room);
    expect(reply && stanzaErrorFromXml(reply)?.condition).toBe('bad-request');
    expect(harness.core.stats().conferences).toBe(0);
  });

  test('is limited per client', () => {
    const harness = new ConferenceHarness({
      conferenceRequestLimit: { burst: 2, intervalMs: 1_000 },
    });
    const ask = (nick: string) => harness.requestConference(nick)?.attribute('type');
    expect([ask('a1'), ask('a1'), ask('a1'), ask('b2')]).toEqual([
      'result',
      'result',
      'error',
      'result',
    ]);
    harness.time.advance(1_000);
    expect(ask('a1')).toBe('result');
  });

  test('is not ready when there are too many conferences', () => {
    const harness = new ConferenceHarness({ maxConferences: 0 });
    const reply = harness.requestConference();
    expect(reply && iqPayload(reply)?.attribute('ready')).toBe('false');
  });

  test('that nobody follows up ends the conference after fifteen seconds', () => {
    const harness = new ConferenceHarness();
    harness.requestConference();
    harness.time.advance(14_999);
    expect(harness.isFocusInRoom).toBe(true);
    harness.requestConference('b2');
    harness.time.advance(14_999);
    expect(harness.isFocusInRoom).toBe(true);
    harness.time.advance(1);
    expect(harness.isFocusInRoom).toBe(false);
    expect(harness.time.timerCount).toBe(0);
  });

  test('keeps the focus for the one who asked while the last one leaves', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('a1');
    harness.requestConference('b2');
    harness.leave(a);
    expect(harness.isFocusInRoom).toBe(true);
    const b = harness.join('b2');
    harness.time.advance(60_000);
    expect(harness.isFocusInRoom).toBe(true);
    harness.leave(b);
    expect(harness.isFocusInRoom).toBe(false);
  });

  test('logout, login address, ping, discovery and nonsense are all answered', () => {
    const harness = new ConferenceHarness();
    const ask = (type: 'get' | 'set', name: string, ns: string) => {
      const count = harness.conferenceReplies.length;
      harness.core.handleStanza(
        iqRequest(
          { type, id: `conf-x${count}`, from: 'a1-user@meet.jitsi/r', to: 'focus.meet.jitsi' },
          xml(name, ns),
        ),
      );
      const reply = harness.conferenceReplies[count];
      return reply && (stanzaErrorFromXml(reply)?.condition ?? reply.attribute('type'));
    };
    expect(ask('set', 'logout', NS.focus)).toBe('result');
    expect(ask('get', 'login-url', NS.focus)).toBe('feature-not-implemented');
    expect(ask('get', 'ping', NS.ping)).toBe('result');
    expect(ask('get', 'query', NS.discoInfo)).toBe('result');
    expect(ask('get', 'query', 'urn:x')).toBe('service-unavailable');
  });

  test.each([
    ['jibri', NS.jibri, /no recorder/],
    ['dial', NS.rayo, /no telephone/],
  ])('what there is no service for (%s) is refused with the reason', (name, ns, reason) => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const { condition, stanza } = a.sendPayload(xml(name, ns));
    expect(condition).toBe('service-unavailable');
    expect(stanzaErrorFromXml(stanza)?.text).toMatch(reason);
  });

  test('a stranger cannot use the focus of a conference', () => {
    const harness = new ConferenceHarness();
    harness.join('a1');
    const from = `${ROOM}/not-there`;
    const iq = iqRequest(
      { type: 'set', id: 'conf-y', from, to: FOCUS_JID },
      xml('mute', NS.jitmeetAudio, { jid: `${ROOM}/a1` }, 'true'),
    );
    expect(() => harness.core.handleStanza(iq)).not.toThrow();
    expect(harness.clients.get('a1')?.stanzas.filter((s) => iqPayload(s)?.name === 'mute')).toEqual(
      [],
    );
  });
});
