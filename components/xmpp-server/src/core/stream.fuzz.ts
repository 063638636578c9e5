/**
 * A hostile client against the whole core: mutated frames, cut frames, wrong order, forged addresses.
 * Nothing may throw, no internal error may be counted, and two bystanders in the room must get what
 * they send each other, and no stream-level element from the attacker.
 */
import { type RandomSource, silentLogger } from '@conclave/base';
import { NS } from '@conclave/protocols/xmpp';
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { DEFAULT_XMPP_LIMITS, DEFAULT_XMPP_OPTIONS, XMPP_FEATURES } from '../options.ts';
import { seededRandom } from '../script-runner/run-script.ts';
import { element, ScriptedPeer } from '../script-runner/scripted-peer.ts';
import type { Stream } from './stream.ts';
import { XmppCore } from './xmpp-core.ts';

const FRAMES = 100_000;
const OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>';
const AUTH = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>';
const BIND =
  '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>';

/** What a client sends in a meeting; `NICK`, `OTHER` and `SELF` are filled in. */
const CORPUS = textCorpus(import.meta.url);

const PIECES = [
  '<',
  '>',
  '/>',
  '"',
  "'",
  '&',
  '&#0;',
  '&lt;',
  '&bomb;',
  '\u0000',
  '\ud800',
  '<!DOCTYPE x [<!ENTITY bomb "bomb">]>',
  '<?xml version="1.0"?>',
  '<!--x-->',
  '<![CDATA[x]]>',
  ' xmlns="http://etherx.jabber.org/streams"',
  ' xmlns:stream="http://etherx.jabber.org/streams"',
  ' from="focus@auth.meet.jitsi/focus"',
  ' to="focus@auth.meet.jitsi/focus"',
  ' type="result"',
  ' type="unavailable"',
  '<a><a><a><a><a><a><a><a><a><a>',
  '4294967295',
  '-1',
  'x'.repeat(3_000),
];

class Dice {
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** 0..limit-1 */
  roll(limit: number): number {
    const [a = 0, b = 0, c = 0] = this.#random.bytes(3);
    return ((a << 16) | (b << 8) | c) % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T;
  }

  mutate(text: string): string {
    let out = text;
    for (let i = this.roll(4); i > 0; i--) {
      const at = this.roll(out.length + 1);
      switch (this.roll(5)) {
        case 0:
          out = out.slice(0, at) + this.pick(PIECES) + out.slice(at);
          break;
        case 1:
          out = out.slice(0, at) + out.slice(at + 1 + this.roll(8));
          break;
        case 2:
          out = out.slice(0, at);
          break;
        case 3:
          out = out.slice(0, at) + this.pick(CORPUS) + out.slice(at);
          break;
        default:
          out = out.slice(0, at) + String.fromCharCode(this.roll(0x250)) + out.slice(at + 1);
      }
    }
    return out;
  }
}

test(`${FRAMES} hostile frames`, () => {
  let nowMs = 0;
  const time = () => ({ nowMs, wallMs: nowMs });
  const core = new XmppCore(
    { random: seededRandom(3), logger: silentLogger },
    {
      ...DEFAULT_XMPP_OPTIONS,
      strictNick: false,
      features: XMPP_FEATURES.filter((name) => name !== 'wait-for-host'),
      historyLength: 10,
      limits: { ...DEFAULT_XMPP_LIMITS, maxFrameLength: 16_384 },
    },
    time(),
  );
  const dice = new Dice(seededRandom(99));
  const focus = core.attachComponent(['focus.meet.jitsi', 'auth.meet.jitsi'], () => {});
  const join = (nick: string) =>
    `<presence xmlns="jabber:client" to="daily@muc.meet.jitsi/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
  core.handleComponentStanza(
    focus,
    element(join('focus')).with({ from: 'focus@auth.meet.jitsi/focus' }),
    time(),
  );

  function connect(): { peer: ScriptedPeer; stream: Stream } {
    const peer = new ScriptedPeer();
    const stream = core.acceptStream(peer, { remoteAddress: '192.0.2.9' }, time());
    if (stream === undefined) throw new Error('refused');
    peer.say = (text) => core.handleMessage(stream, text, time());
    return { peer, stream };
  }
  function logIn() {
    const { peer, stream } = connect();
    for (const text of [OPEN, AUTH, OPEN, BIND]) peer.say?.(text);
    const jid = stream.session?.jid.full ?? '';
    return { peer, stream, jid, nick: jid.slice(0, 8) };
  }

  const ada = logIn();
  const ben = logIn();
  ada.peer.say?.(join(ada.nick));
  ben.peer.say?.(join(ben.nick));
  ada.peer.inbox.length = 0;
  ben.peer.inbox.length = 0;
  let eve = logIn();
  let delivered = 0;

  for (let i = 0; i < FRAMES; i++) {
    nowMs += 20;
    if ((core.nextTimeoutMs ?? Number.POSITIVE_INFINITY) <= nowMs) core.handleTimeout(time());
    if (eve.peer.isClosed) {
      eve = dice.roll(4) === 0 ? { ...eve, ...connect() } : logIn();
    }
    const seed = (CORPUS[i] ?? dice.pick(CORPUS))
      .replaceAll('NICK', eve.nick)
      .replaceAll('OTHERJID', ada.jid)
      .replaceAll('OTHER', dice.pick([ada.nick, ben.nick, 'focus', 'nobody']))
      .replaceAll('SELF', eve.jid)
      .replaceAll('SMID', eve.stream.session?.smId ?? 'none');
    if (dice.roll(200) === 0) {
      core.handleClose(eve.stream, time());
      eve.peer.isClosed = true;
    } else eve.peer.say?.(i < CORPUS.length ? seed : dice.mutate(seed));

    if (i % 50 !== 0) continue;
    for (const text of [...ada.peer.inbox, ...ben.peer.inbox]) {
      // Well-formed, a stanza, and nothing that makes Strophe think the stream is over.
      const stanza = element(text);
      expect(stanza.ns).toBe(NS.client);
      expect(text).not.toContain('etherx.jabber.org/streams"');
    }
    ada.peer.inbox.length = 0;
    ben.peer.inbox.length = 0;
    ada.peer.say?.(
      `<message xmlns="jabber:client" type="groupchat" id="t${i}" to="daily@muc.meet.jitsi"><body>${i}</body></message>`,
    );
    expect(ben.peer.inbox.at(-1) ?? 'nothing').toContain(`<body>${i}</body>`);
    // Or the server takes ben for dead.
    ben.peer.say?.('<presence xmlns="jabber:client"/>');
    ben.peer.inbox.length = 0;
    delivered++;
  }

  expect(delivered).toBe(FRAMES / 50);
  const { metrics } = core.core;
  expect(metrics.internalErrors).toBe(0);
  expect([ada.peer.isClosed, ben.peer.isClosed]).toEqual([false, false]);
  // The input did get past the parser often enough to mean something.
  expect(metrics.joins).toBeGreaterThan(500);
  expect(metrics.stanzasReceived).toBeGreaterThan(20_000);
  expect(metrics.malformedFrames).toBeGreaterThan(1_000);
  expect(metrics.forgedSenders).toBeGreaterThan(100);
  // Nothing is left behind by the thousands that came and went.
  nowMs += 120_000;
  core.handleTimeout(time());
  core.handleTimeout(time());
  core.handleClose(eve.stream, time());
  nowMs += 120_000;
  core.handleTimeout(time());
  expect(metrics.waitingJoins).toBe(0);
  expect(metrics.hibernatingSessions).toBe(0);
});
