/** Participants who send anything: nothing is thrown, no conference ends, others keep their call. */
import { parseXml, type XmlElement, xml } from '@conclave/protocols/xml';
import { iqRequest, NS } from '@conclave/protocols/xmpp';
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone } from './sample-sources.ts';
import { FOCUS_JID, ROOM } from './scripted-client.ts';

const STANZAS = 100_000;
const PER_CONFERENCE = 500;
const CORPUS = textCorpus(import.meta.url);

const WORDS = [
  '',
  '0',
  '1',
  '2',
  '100',
  '4294967295',
  '4294967296',
  'true',
  'false',
  'audio',
  'video',
  'cccc3333-a0',
  'cccc3333-v0',
  'aaaa1111-a0',
  'FID',
  'SIM',
  'both',
  'msid',
  'x y',
  `${ROOM}/aaaa1111`,
  `${ROOM}/cccc3333`,
  '__proto__',
  '\u{1F600}',
];
const ACTIONS = [
  'session-accept',
  'session-initiate',
  'session-terminate',
  'session-info',
  'source-add',
  'source-remove',
  'transport-info',
  'content-modify',
];
const ELEMENTS: readonly (readonly [string, string, readonly string[]])[] = [
  ['content', 'urn:xmpp:jingle:1', ['name', 'senders', 'creator']],
  ['description', 'urn:xmpp:jingle:apps:rtp:1', ['media']],
  ['source', 'urn:xmpp:jingle:apps:rtp:ssma:0', ['ssrc', 'name', 'videoType']],
  ['ssrc-group', 'urn:xmpp:jingle:apps:rtp:ssma:0', ['semantics']],
  ['parameter', 'urn:xmpp:jingle:apps:rtp:ssma:0', ['name', 'value']],
  ['transport', 'urn:xmpp:jingle:transports:ice-udp:1', ['ufrag', 'pwd']],
  ['fingerprint', 'urn:xmpp:jingle:apps:dtls:0', ['hash', 'setup']],
  ['bridge-session', 'http://jitsi.org/protocol/focus', ['id', 'restart', 'ice-restart']],
  ['reason', 'urn:xmpp:jingle:1', []],
];

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`${STANZAS} hostile stanzas`, () => {
  let rejoined = 0;
  for (let round = 0; round < STANZAS / PER_CONFERENCE; round++) {
    const random = seeded(round);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222');
    let hostile = harness.join('cccc3333');
    a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
    b.accept([microphone('bbbb2222', 2)]);
    const ids = () => [hostile.offer.sid, hostile.offer.bridgeSession?.id ?? '', ...WORDS];

    const element = (depth: number): XmlElement => {
      const [name, ns, attributes] = pick(ELEMENTS);
      const child = xml(name, ns);
      for (const attribute of attributes) {
        if (random() < 0.9) child.attributes.set(attribute, pick(ids()));
      }
      const count = depth === 0 ? 0 : Math.floor(random() * 4);
      for (let i = 0; i < count; i++) child.append(element(depth - 1));
      if (random() < 0.1) child.append(pick(WORDS));
      return child;
    };
    const jingle = (): XmlElement => {
      const sid = random() < 0.9 ? hostile.offer.sid : pick(WORDS);
      const root = xml('jingle', 'urn:xmpp:jingle:1', { action: pick(ACTIONS), sid });
      for (let i = Math.floor(random() * 4); i > 0; i--) root.append(element(4));
      if (random() < 0.2) {
        const json = JSON.stringify({ sources: { [pick(WORDS)]: [[{ s: pick(WORDS) }]] } });
        root.append(xml('json-message', NS.jitmeet, {}, random() < 0.5 ? json : pick(WORDS)));
      }
      return root;
    };
    const stanza = (): XmlElement => {
      const from = hostile.occupantJid;
      const kind = random();
      if (kind < 0.7) return iqRequest({ type: 'set', id: 'x', from, to: FOCUS_JID }, jingle());
      if (kind < 0.8) {
        const ns = pick([NS.jitmeetAudio, NS.jitmeetVideo, NS.jitmeetDesktop]);
        const mute = xml('mute', ns, { jid: pick(WORDS) }, pick(WORDS));
        return iqRequest({ type: 'set', id: 'x', from, to: FOCUS_JID }, mute);
      }
      if (kind < 0.9) {
        const attributes = {
          from,
          to: FOCUS_JID,
          type: pick(['result', 'error']),
          id: pick(WORDS),
        };
        return xml('iq', NS.client, attributes, element(2));
      }
      if (kind < 0.95) return xml('message', NS.client, { from, type: pick(WORDS) }, element(2));
      const to = 'focus.meet.jitsi';
      const request = xml(pick(['conference', 'logout']), NS.focus, { room: pick(WORDS) });
      return iqRequest({ type: 'set', id: 'x', from: hostile.realJid, to }, request);
    };

    const kept = (text: string): XmlElement => {
      const result = parseXml(
        text
          .replaceAll('SID', hostile.offer.sid)
          .replaceAll('BRIDGE', hostile.offer.bridgeSession?.id ?? '')
          .replaceAll('ROOM', ROOM)
          .replaceAll('REAL', hostile.realJid),
      );
      if (result.type === 'error') throw new Error(`${result.reason}: ${text}`);
      return result.element;
    };

    for (let i = 0; i < PER_CONFERENCE; i++) {
      const text = round === 0 ? CORPUS[i] : undefined;
      harness.core.handleStanza(text === undefined ? stanza() : kept(text));
      if (i % 10 === 0) harness.settle();
      if (i % 10 === 0 && !harness.bridge.endpoints.has('cccc3333')) {
        // It has ended its session: without one almost everything is refused in the same way.
        harness.leave(hostile);
        hostile = harness.join('cccc3333');
        if (random() < 0.7) hostile.accept([microphone('cccc3333', 3)]);
        rejoined++;
      }
      if (i % 100 === 0) harness.time.advance(1_000);
    }
    harness.settle();
    expect(harness.events).not.toContain('conference.crashed');
    expect(harness.isFocusInRoom).toBe(true);
    expect([a.of('session-initiate').length, b.of('session-initiate').length]).toEqual([1, 1]);
    const others = b.knownNames.filter((name) => !name.startsWith('cccc3333-'));
    expect(others).toEqual(['aaaa1111-a0', 'aaaa1111-v0']);
  }
  expect(rejoined).toBeGreaterThan(1_000);
});
