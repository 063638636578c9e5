import { silentLogger } from '@conclave/base';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_XMPP_OPTIONS } from '../../options.ts';
import { seededRandom } from '../../script-runner/run-script.ts';
import { XmppCore } from '../xmpp-core.ts';

const BODY = 'xmlns="http://jabber.org/protocol/httpbind"';
const XBOSH = 'xmlns:xmpp="urn:xmpp:xbosh"';
const FIRST = `to="meet.jitsi" wait="30" hold="1" ver="1.6" xmpp:version="1.0" ${XBOSH}`;
const AUTH = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>';
const BIND =
  '<iq type="set" id="b" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>';
const PING =
  '<iq type="get" id="p" to="meet.jitsi" xmlns="jabber:client"><ping xmlns="urn:xmpp:ping"/></iq>';

describe('BOSH (XEP-0124, XEP-0206)', () => {
  let core: XmppCore;
  let nowMs: number;
  let sid: string;

  beforeEach(() => {
    nowMs = 1_000;
    sid = '';
    core = new XmppCore(
      { random: seededRandom(3), logger: silentLogger },
      DEFAULT_XMPP_OPTIONS,
      time(),
    );
  });

  const time = () => ({ nowMs, wallMs: 0 });
  const advance = (ms: number) => {
    const untilMs = nowMs + ms;
    while ((core.nextTimeoutMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
      nowMs = core.nextTimeoutMs ?? nowMs;
      core.handleTimeout(time());
    }
    nowMs = untilMs;
  };

  /** Answers so far, none while the request is held. */
  const raw = (text: string): string[] => {
    const answers: string[] = [];
    core.handleBoshRequest(text, { remoteAddress: '192.0.2.1' }, (a) => answers.push(a), time());
    return answers;
  };
  const post = (rid: number, payload = '', attributes = '') =>
    raw(`<body ${BODY} rid="${rid}"${sid && ` sid="${sid}"`} ${attributes}>${payload}</body>`);

  /** Up to the bound resource; the next rid is 14. */
  const logIn = () => {
    const [first = ''] = post(10, '', FIRST);
    sid = /sid="(\w+)"/.exec(first)?.[1] ?? '';
    post(11, AUTH);
    post(12, '', `xmpp:restart="true" ${XBOSH}`);
    return post(13, BIND);
  };

  test('a session opens, logs in, restarts and binds', () => {
    const [first = ''] = post(10, '', FIRST);
    expect(first).toMatch(/^<body xmlns="http:\/\/jabber.org\/protocol\/httpbind"/);
    for (const attribute of ['wait="30"', 'hold="1"', 'requests="2"', 'inactivity="60"']) {
      expect(first).toContain(attribute);
    }
    expect(first).toContain('<mechanism>ANONYMOUS</mechanism>');
    sid = /sid="(\w+)"/.exec(first)?.[1] ?? '';
    expect(post(11, AUTH)[0]).toContain('<success');
    const [features] = post(12, '', `xmpp:restart="true" ${XBOSH}`);
    expect(features).toContain('<bind');
    // No stream management where requests are numbered and repeated anyway.
    expect(features).not.toContain('urn:xmpp:sm:3');
    expect(post(13, BIND)[0]).toMatch(/<jid>[^<]+@meet\.jitsi\/\w+<\/jid>/);
  });

  test('a request is held until there is something to say, or the wait is over (§8.3)', () => {
    logIn();
    const held = post(14);
    expect(held).toEqual([]);
    const next = post(15, PING);
    expect(held).toHaveLength(1);
    expect(held[0]).toContain('type="result"');
    expect(next).toEqual([]);
    advance(30_000);
    expect(next).toEqual([`<body ${BODY}/>`]);
  });

  test('a bug ends the session of whoever met it, with an answer', () => {
    logIn();
    core.muc.hooks.roomMissing.add(1, () => {
      throw new Error('broken');
    });
    const presence =
      '<presence xmlns="jabber:client" to="daily@muc.meet.jitsi/0000"><x xmlns="http://jabber.org/protocol/muc"/></presence>';
    const held = post(14);
    expect(post(15, presence)[0]).toContain('type="terminate"');
    expect(held[0]).toMatch(/type="terminate".*internal-server-error/);
    expect(post(16)[0]).toContain('condition="item-not-found"');
    expect(core.core.metrics).toMatchObject({ internalErrors: 1, sessions: 0, streams: 0 });
  });

  test('more requests than may be held push the oldest out', () => {
    logIn();
    const held = post(14);
    post(15);
    expect(held).toEqual([`<body ${BODY}/>`]);
  });

  test('requests that overtake each other are taken in order (§14.2)', () => {
    logIn();
    const second = post(15, PING.replace('"p"', '"second"'));
    const first = post(14, PING.replace('"p"', '"first"'));
    expect([...(first[0] ?? '').matchAll(/id="(\w+)"/g)].map(([, id]) => id)).toEqual([
      'first',
      'second',
    ]);
    expect(second).toEqual([]);
  });

  test('a repeated request gets the same answer and is not carried out again (§14.3)', () => {
    logIn();
    const once = post(14, PING);
    const received = core.core.metrics.stanzasReceived;
    expect(post(14, PING)).toEqual(once);
    expect(core.core.metrics.stanzasReceived).toBe(received);
  });

  test.each([9, 11, 17, 99])('rid %i is outside the window and ends nothing else', (rid) => {
    logIn();
    expect(post(rid)[0]).toContain('item-not-found');
    expect(post(14, PING)[0]).toContain('type="result"');
  });

  test('terminate leaves, as a page that closes sends it (sendBeacon)', () => {
    logIn();
    expect(core.core.metrics.sessions).toBe(1);
    const unavailable = '<presence type="unavailable" xmlns="jabber:client"/>';
    expect(post(14, unavailable, 'type="terminate"')[0]).toContain('type="terminate"');
    expect(core.core.metrics.sessions).toBe(0);
    expect(post(15)[0]).toContain('item-not-found');
  });

  test('a client that stays away is gone after the inactivity it was told (§10)', () => {
    logIn();
    advance(59_999);
    expect(core.core.metrics.sessions).toBe(1);
    advance(1);
    expect(core.core.metrics.sessions).toBe(0);
    expect(core.core.metrics.streams).toBe(0);
  });

  test('empty requests are a sign of life', () => {
    logIn();
    for (let rid = 14; rid < 24; rid++) {
      post(rid);
      advance(30_000);
    }
    expect(core.core.metrics.sessions).toBe(1);
  });

  test('a stream error ends the session with its condition', () => {
    logIn();
    const [answer = ''] = post(14, '<nonsense xmlns="jabber:client"/>');
    expect(answer).toContain('type="terminate" condition="remote-stream-error"');
    expect(answer).toContain('<unsupported-stanza-type');
    expect(core.core.metrics.sessions).toBe(0);
  });

  test.each([
    ['no XML', 'hello'],
    ['no body', `<iq ${BODY}/>`],
    ['another namespace', '<body rid="1" xmlns="urn:x"/>'],
    ['no rid', `<body ${BODY}/>`],
    ['rid 0', `<body ${BODY} rid="0"/>`],
    ['a negative rid', `<body ${BODY} rid="-1"/>`],
    ['a rid beyond 2^53', `<body ${BODY} rid="9007199254740992"/>`],
    ['a rid that could not count up', `<body ${BODY} rid="9007199254740991"/>`],
  ])('%s is a bad request', (_name, text) => {
    expect(raw(text)[0]).toContain('condition="bad-request"');
    expect(core.core.metrics.streams).toBe(0);
  });

  test('the server that stops ends what is held', () => {
    logIn();
    const held = post(14);
    core.shutDown(time());
    expect(held[0]).toContain('type="terminate"');
  });
});
