/** Conclave's XMPP server behind its own WebSocket acceptor, without focus and bridge: as much as Prosody does. */
import { createServer } from 'node:http';
import { silentLogger } from '@conclave/base';
import { systemRandom } from '@conclave/platform/crypto';
import { systemClock, systemTimers, WebSocketAcceptor } from '@conclave/platform/net';
import { xml } from '@conclave/protocols/xml';
import { XmppServer } from '@conclave/xmpp-server';
import { DOMAIN, MUC_DOMAIN, ROOMS } from './plan.ts';

const FOCUS_DOMAIN = `auth.${DOMAIN}`;

const deps = {
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  logger: silentLogger,
};
const xmpp = new XmppServer(deps, { domain: DOMAIN, mucDomain: MUC_DOMAIN });
const acceptor = new WebSocketAcceptor(deps, {
  subprotocol: 'xmpp',
  maxMessageBytes: 512 * 1024,
  maxBufferedBytes: 8 * 1024 * 1024,
  pingAfterMs: 15_000,
  timeoutMs: 60_000,
});
const http = createServer((_request, response) => response.end());
http.on('connection', (socket) => socket.setNoDelay(true));
http.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  acceptor.accept({ request, socket, head }, (link) =>
    xmpp.acceptStream(
      { send: (text) => link.send(text), close: () => link.close(1000, '') },
      { remoteAddress: '127.0.0.1' },
    ),
  );
});

// Rooms are made by the focus.
const focus = xmpp.attachComponent([FOCUS_DOMAIN], () => {});
for (const room of ROOMS) {
  focus.send(
    xml(
      'presence',
      'jabber:client',
      { from: `focus@${FOCUS_DOMAIN}/focus`, to: `${room}@${MUC_DOMAIN}/focus` },
      xml('x', 'http://jabber.org/protocol/muc'),
    ),
  );
}
http.listen(Number(process.argv[2]), '127.0.0.1');
