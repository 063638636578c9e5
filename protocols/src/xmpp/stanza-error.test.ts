import { describe, expect, test } from 'vitest';
import { parseXml, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';
import { errorReply, isAnswerable, stanzaErrorFromXml, stanzaErrorToXml } from './stanza-error.ts';

describe('stanza errors (RFC 6120 §8.3)', () => {
  test('the condition is the first child, with a literal namespace', () => {
    const text = stanzaErrorToXml({ condition: 'not-allowed', text: 'Because.' }).toString();
    expect(text).toBe(
      '<error xmlns="jabber:client" type="cancel" code="405">' +
        '<not-allowed xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' +
        '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Because.</text></error>',
    );
  });

  test('a reply keeps kind and id and swaps the addresses', () => {
    const iq = xml('iq', NS.client, { type: 'get', id: '7', from: 'a@b/c', to: 'd' });
    const reply = errorReply(iq, { condition: 'service-unavailable', type: 'wait' });
    expect(reply.toString()).toContain(
      '<iq xmlns="jabber:client" type="error" id="7" from="d" to="a@b/c">',
    );
    expect(reply.child('error')?.attribute('type')).toBe('wait');
  });

  test.each([
    ['iq', 'get', true],
    ['iq', 'set', true],
    ['iq', 'result', false],
    ['iq', 'error', false],
    ['message', 'error', false],
    ['message', 'chat', true],
    ['presence', 'error', false],
    ['presence', undefined, true],
  ])('%s of type %s may be answered: %s', (name, type, expected) => {
    expect(isAnswerable(xml(name, NS.client, { type }))).toBe(expected);
  });

  test('reads what it writes, and its application elements', () => {
    const error = {
      condition: 'registration-required',
      type: 'auth',
      text: 'wait',
      extra: [xml('lobbyroom', NS.jitmeet, {}, 'daily@lobby')],
    } as const;
    const stanza = xml('presence', NS.client, { type: 'error' }, stanzaErrorToXml(error));
    const parsed = parseXml(stanza.toString());
    if (parsed.type === 'error') throw new Error(parsed.reason);
    expect(stanzaErrorFromXml(parsed.element)).toEqual(error);
  });

  test('unknown conditions and types fall back, no error is undefined', () => {
    const odd = xml(
      'iq',
      NS.client,
      {},
      xml('error', NS.client, { type: 'sad' }, xml('toString', NS.stanzaErrors)),
    );
    expect(stanzaErrorFromXml(odd)).toEqual({
      condition: 'undefined-condition',
      type: 'cancel',
      extra: [],
    });
    expect(stanzaErrorFromXml(xml('iq', NS.client))).toBeUndefined();
  });
});
