import { describe, expect, test } from 'vitest';
import { writeXml, xml } from '../xml/index.ts';
import { CLOSE_FRAME, openFrame, streamError, streamFeatures } from './framing.ts';
import { NS } from './namespaces.ts';
import { saslFailure, saslMechanisms } from './sasl.ts';

// Clients compare these as text, so the tests do too.
describe('exact bytes (RFC 7395, COMPAT)', () => {
  test('the close frame', () => {
    expect(CLOSE_FRAME).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />');
  });

  test('the open frame begins with "<open " and has version 1.0', () => {
    expect(writeXml(openFrame({ from: 'meet.jitsi', id: 's1' }))).toBe(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="meet.jitsi" id="s1" version="1.0" xml:lang="en"/>',
    );
    expect(writeXml(openFrame({ to: 'meet.jitsi' }))).toBe(
      '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>',
    );
  });

  test('features declare the stream prefix', () => {
    expect(writeXml(streamFeatures(saslMechanisms(['ANONYMOUS'])))).toBe(
      '<stream:features xmlns:stream="http://etherx.jabber.org/streams">' +
        '<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>',
    );
  });

  test('stream errors hold no white space', () => {
    expect(writeXml(streamError('policy-violation', 'slow down'))).toBe(
      '<stream:error xmlns:stream="http://etherx.jabber.org/streams">' +
        '<policy-violation xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>' +
        '<text xmlns="urn:ietf:params:xml:ns:xmpp-streams">slow down</text></stream:error>',
    );
  });

  test('the reason of a refused login is where LJM looks for it', () => {
    const text = writeXml(saslFailure('not-allowed', 'Invalid signature'));
    expect(/<not-allowed\/><text>(.*)<\/text><\/failure>/.exec(text)?.[1]).toBe(
      'Invalid signature',
    );
  });

  test('a stanza child keeps its literal namespace', () => {
    const iq = xml('iq', NS.client, { id: '1' }, xml('ping', NS.ping));
    expect(writeXml(iq)).toBe(
      '<iq xmlns="jabber:client" id="1"><ping xmlns="urn:xmpp:ping"/></iq>',
    );
  });
});
