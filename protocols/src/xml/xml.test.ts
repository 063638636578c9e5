import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_XML_LIMITS, parseXml, writeXml, XmlElement, xml } from './index.ts';

function parsed(text: string): XmlElement {
  const result = parseXml(text);
  if (result.type === 'error') throw new Error(result.reason);
  return result.element;
}

function refusal(text: string, limits = DEFAULT_XML_LIMITS): string {
  const result = parseXml(text, limits);
  if (result.type === 'element') throw new Error('was accepted');
  return result.reason;
}

describe('parseXml', () => {
  test('resolves default and prefixed namespaces to the same element', () => {
    const plain = parsed('<iq xmlns="jabber:client"><ping xmlns="urn:xmpp:ping"/></iq>');
    const prefixed = parsed(
      '<c:iq xmlns:c="jabber:client" xmlns:p="urn:xmpp:ping"><p:ping/></c:iq>',
    );
    for (const iq of [plain, prefixed]) {
      expect([iq.name, iq.ns]).toEqual(['iq', 'jabber:client']);
      expect(iq.child('ping', 'urn:xmpp:ping')).toBeDefined();
    }
  });

  test('joins text, entities and CDATA', () => {
    expect(parsed('<b>a &amp; b<![CDATA[ <c> ]]>&#x41;</b>').text).toBe('a & b <c> A');
  });

  test('drops attributes of other namespaces, keeps xml:lang', () => {
    const element = parsed('<a xml:lang="en" xmlns:p="urn:p" p:b="c" d="e"/>');
    expect([...element.attributes]).toEqual([
      ['xml:lang', 'en'],
      ['d', 'e'],
    ]);
  });

  test.each([
    ['<!DOCTYPE a [<!ENTITY x "y">]><a/>', 'doctype'],
    ['<a><!-- hidden --></a>', 'comment'],
    ['<a><?php x?></a>', 'processing instruction'],
    ['<a>&unknown;</a>', 'entity'],
    ['<a><b></a></b>', 'unexpected close tag'],
    ['<a><b>', 'unclosed tag'],
    ['<a/><b/>', 'documents may contain only one root'],
    ['', 'document must contain a root element'],
    ['<p:a/>', 'unbound namespace prefix'],
    ['<a x="1" x="2"/>', 'duplicate attribute'],
    ['<a>\u0000</a>', 'disallowed character'],
    ['<!\ud800', 'half a character'],
  ])('refuses %j', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  test.each([
    ['maxLength', `<a>${'x'.repeat(100)}</a>`, { maxLength: 50 }, 'too long'],
    ['maxDepth', '<a><a><a/></a></a>', { maxDepth: 2 }, 'too deep'],
    ['maxElements', '<a><b/><b/></a>', { maxElements: 2 }, 'too many elements'],
    ['maxAttributes', '<a p="1" q="2" r="3"/>', { maxAttributes: 2 }, 'too many attributes'],
  ])('keeps to %s', (_name, text, limit, reason) => {
    expect(refusal(text, { ...DEFAULT_XML_LIMITS, ...limit })).toBe(reason);
  });

  test('accepts exactly the limit', () => {
    const limits = { ...DEFAULT_XML_LIMITS, maxDepth: 2, maxElements: 2, maxAttributes: 1 };
    expect(parseXml('<a p="1"><b/></a>', limits).type).toBe('element');
  });

  test('keeps hostile attribute names as data', () => {
    expect(parsed('<a __proto__="x" constructor="y"/>').attribute('__proto__')).toBe('x');
    expect(parsed('<a/>').attribute('__proto__')).toBeUndefined();
  });
});

describe('writeXml', () => {
  test('writes the namespace literally where it changes, and only there', () => {
    const stanza = xml(
      'message',
      'jabber:client',
      { to: 'a@b' },
      xml(
        'x',
        'http://jabber.org/protocol/muc#user',
        {},
        xml('status', 'http://jabber.org/protocol/muc#user', { code: '104' }),
      ),
    );
    expect(writeXml(stanza)).toBe(
      '<message xmlns="jabber:client" to="a@b"><x xmlns="http://jabber.org/protocol/muc#user"><status code="104"/></x></message>',
    );
  });

  test('declares the stream prefix on the element (RFC 7395 §3.3)', () => {
    const features = xml(
      'features',
      'http://etherx.jabber.org/streams',
      {},
      xml('bind', 'urn:ietf:params:xml:ns:xmpp-bind'),
    );
    expect(writeXml(features)).toBe(
      '<stream:features xmlns:stream="http://etherx.jabber.org/streams"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></stream:features>',
    );
  });

  test('a namespace called like something that every object has is a namespace', () => {
    const text = '<message xmlns="jabber:client"><x xmlns="constructor"/></message>';
    expect(writeXml(parsed(text))).toBe(text);
  });

  test('says with another character what XML cannot say', () => {
    const json = JSON.stringify({ a: '\uffff' });
    const element = xml('a', 'urn:a', { b: '\u0000\t' }, json, '\u001f');
    expect(writeXml(element)).toBe(
      '<a xmlns="urn:a" b="\ufffd\t">{&quot;a&quot;:&quot;\ufffd&quot;}\ufffd</a>',
    );
    expect(parseXml(writeXml(element)).type).toBe('element');
  });

  test('parse(write(x)) is x', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).map(
      // XML 1.0 §2.2 has no way to say these; §2.11 turns carriage returns into line feeds.
      (s) => s.replace(/[^\u0020-\ud7ff\ue000-\ufffd]/g, '') || 'x',
    );
    const ns = fc.constantFrom('jabber:client', 'urn:a', 'urn:b"<&>');
    const element: fc.Memo<XmlElement> = fc.memo((depth) =>
      fc
        .tuple(
          name,
          ns,
          fc.dictionary(name, text, { maxKeys: 3 }),
          depth <= 1
            ? fc.constant<(XmlElement | string)[]>([])
            : fc.oneof(
                fc.array(element(depth - 1), { maxLength: 3 }),
                text.map((t) => [t]),
              ),
        )
        .map(([n, uri, attributes, children]) => new XmlElement(n, uri, attributes, children)),
    );
    fc.assert(
      fc.property(element(4), (original) => {
        expect(parsed(writeXml(original))).toEqual(original);
      }),
      { numRuns: 500 },
    );
  });
});
