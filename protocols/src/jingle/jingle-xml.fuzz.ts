/** Mutated Jingle never throws, and what is accepted can be written and read again. */
import { expect, test } from 'vitest';
import { parseXml, writeXml, XmlElement } from '../xml/index.ts';
import { jingleFromXml, jingleToXml, ownedSourcesOf } from './index.ts';

const SEED = `<jingle xmlns="urn:xmpp:jingle:1" action="session-accept" initiator="f" responder="r" sid="k">
<content creator="responder" name="audio" senders="both"><description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">
<payload-type id="111" name="opus" clockrate="48000" channels="2"><parameter name="minptime" value="10"/><rtcp-fb type="transport-cc"/></payload-type>
<source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="910000001" name="a-a0" videoType="camera"><parameter name="msid" value="a b"/><ssrc-info owner="x/y"/></source>
<ssrc-group xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" semantics="FID"><source ssrc="1"/><source ssrc="2"/></ssrc-group>
<rtcp-mux/><rtp-hdrext id="1" uri="u"/></description>
<transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="Qx1z" pwd="h8J2k5N9" ice-generation="1"><sctpmap number="5000"/>
<fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="active">7C:12:7C:12:7C:12:7C:12:7C:12:7C:12:7C:12:7C:12</fingerprint>
<candidate component="1" foundation="8" generation="0" ip="192.0.2.4" port="51234" priority="2122260223" protocol="udp" type="srflx" rel-addr="1" rel-port="2"/>
</transport><initial-last-n value="5"/></content>
<group semantics="BUNDLE"><content name="audio"/></group><reason><success/><text>x</text></reason>
<bridge-session id="1" restart="true" ice-restart="false"/>
<json-message xmlns="http://jitsi.org/jitmeet">{"sources":{"a":[[{"s":1,"n":"a-v0","m":"x y","v":"d"}],[["f",1,2]],[{"s":"3"}],[["s",3]]]}}</json-message></jingle>`;

const VALUES = [
  '',
  '0',
  '-1',
  '4294967295',
  '4294967296',
  '1e9',
  '\ud800',
  'x'.repeat(2000),
  '__proto__',
];
const TEXTS = [
  '{}',
  '{"sources":null}',
  '[[[[',
  '{"sources":{"__proto__":[[],[],[]]}}',
  '"',
  'NaN',
];

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(element: XmlElement, random: () => number): XmlElement {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const name = random() < 0.01 ? pick(['source', 'content', 'text', 'jingle']) : element.name;
  const copy = new XmlElement(name, random() < 0.01 ? 'urn:x' : element.ns);
  for (const [key, value] of element.attributes) {
    const roll = random();
    if (roll < 0.03) continue;
    copy.attributes.set(key, roll < 0.1 ? pick(VALUES) : value);
  }
  for (const child of element.children) {
    const roll = random();
    if (roll < 0.03) continue;
    const times = roll < 0.05 ? 2 : roll < 0.051 ? 300 : 1;
    const node =
      typeof child === 'string'
        ? random() < 0.3
          ? mutateText(child, random, pick)
          : child
        : mutate(child, random);
    for (let i = 0; i < times; i++) copy.children.push(node);
  }
  return copy;
}

function mutateText(
  text: string,
  random: () => number,
  pick: <T>(items: readonly T[]) => T,
): string {
  if (random() < 0.2) return pick(TEXTS);
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + pick(['', '"', '[', '}', '9', 'null']) + text.slice(at + 1);
}

test('100,000 mutated messages: no throw, and accepted ones survive writing', () => {
  const parsed = parseXml(SEED);
  if (parsed.type === 'error') throw new Error(parsed.reason);
  let accepted = 0;
  for (let seed = 0; seed < 100_000; seed++) {
    const result = jingleFromXml(mutate(parsed.element, seeded(seed)));
    if (result.type === 'error') continue;
    accepted++;
    ownedSourcesOf(result.jingle, 'me');
    if (seed % 50 !== 0) continue;
    const written = jingleToXml(result.jingle);
    expect(writeXml(written).length).toBeGreaterThan(0);
    const again = jingleFromXml(written);
    expect(again.type).toBe('jingle');
  }
  expect(accepted).toBeGreaterThan(1000);
});
