/** The server's half of getting a connection, word by word (RFC 7395, RFC 6120 §6-7, XEP-0198). */
import type { FakeSocket } from './fake-platform.ts';

export const OWN_JID = 'a1b2c3d4-5c6d-4e7f-8a9b-0c1d2e3f4a5b@meet.jitsi/r1';

const OPEN =
  '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="meet.jitsi" id="s1" version="1.0"/>';

function features(inner: string): string {
  return `<stream:features xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client">${inner}</stream:features>`;
}

const MECHANISMS = features(
  '<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>ANONYMOUS</mechanism></mechanisms>',
);
const BIND = features(
  '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><sm xmlns="urn:xmpp:sm:3"/>',
);
const SUCCESS = '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>';

/** Up to the second features; the client then binds or resumes. */
export function authenticate(socket: FakeSocket): void {
  socket.events.onOpen();
  socket.receive(OPEN, MECHANISMS, SUCCESS, OPEN, BIND);
}

/** A new session with stream management; what the client sent is taken away. */
export function signOn(socket: FakeSocket): void {
  authenticate(socket);
  socket.receive(
    `<iq type="result" id="bind" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>${OWN_JID}</jid></bind></iq>`,
    '<enabled xmlns="urn:xmpp:sm:3" id="smid-1" resume="true"/>',
  );
  socket.take();
}
