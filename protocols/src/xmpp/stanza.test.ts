import { describe, expect, test } from 'vitest';
import { XmlElement, type XmlNode, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';
import { iqRequest, iqResult, isStanza, isValidIq, jsonMessage, readdress } from './stanza.ts';

const ping = xml('ping', NS.ping);

describe('iq rules (RFC 6120 §8.2.3)', () => {
  test.each<[string | undefined, string | undefined, XmlNode[], boolean]>([
    ['get', '1', [ping], true],
    ['set', '1', [ping, ' '], true],
    ['get', '1', [], false],
    ['get', '1', [ping, ping], false],
    ['result', '1', [], true],
    ['result', '1', [ping], true],
    ['result', '1', [ping, ping], false],
    ['error', '1', [ping, ping], true],
    ['get', '', [ping], false],
    ['get', undefined, [ping], false],
    ['other', '1', [ping], false],
    [undefined, '1', [ping], false],
  ])('type %s, id %s, children %#: %s', (type, id, children, expected) => {
    expect(isValidIq(xml('iq', NS.client, { type, id }, ...children))).toBe(expected);
  });

  test('a result goes back where the request came from', () => {
    const request = iqRequest({ type: 'get', id: '1', from: 'a', to: 'b' }, ping);
    expect(iqResult(request).toString()).toBe(
      '<iq xmlns="jabber:client" type="result" id="1" from="b" to="a"/>',
    );
  });
});

test('stanzas are iq, message and presence of the client namespace', () => {
  expect(isStanza(xml('iq', NS.client))).toBe(true);
  expect(isStanza(xml('presence', ''))).toBe(true);
  expect(isStanza(xml('iq', 'jabber:server'))).toBe(false);
  expect(isStanza(xml('enable', NS.sm))).toBe(false);
});

test('readdress leaves the original alone', () => {
  const original = new XmlElement('iq', '', { id: '1', to: 'x' }, [ping]);
  expect(readdress(original, 'f', undefined).toString()).toBe(
    '<iq xmlns="jabber:client" id="1" from="f"><ping xmlns="urn:xmpp:ping"/></iq>',
  );
  expect(original.attribute('to')).toBe('x');
});

test('JSON messages are escaped as text', () => {
  expect(jsonMessage({ a: '<b>' }).toString()).toBe(
    '<json-message xmlns="http://jitsi.org/jitmeet">{&quot;a&quot;:&quot;&lt;b&gt;&quot;}</json-message>',
  );
});
