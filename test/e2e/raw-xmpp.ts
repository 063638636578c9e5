/** A stream to the server that says whatever a test wants, rules or not (RFC 7395). */
import { once } from 'node:events';
import { waitUntil } from '@conclave/testkit';
import { WebSocket } from 'ws';

const OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>';

export class RawXmpp {
  /** Everything received, in order. */
  readonly frames: string[] = [];
  readonly #socket: WebSocket;
  /** Close code once closed. */
  closeCode: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.frames.push(String(data)));
    socket.on('close', (code) => {
      this.closeCode = code;
    });
    socket.on('error', () => {}); // a close follows
  }

  /** Connects, authenticates anonymously and binds; not yet in any room. */
  static async login(serverUrl: string): Promise<RawXmpp> {
    const url = `${serverUrl.replace('https:', 'wss:')}/xmpp-websocket`;
    const socket = new WebSocket(url, 'xmpp', { rejectUnauthorized: false });
    const stream = new RawXmpp(socket);
    await once(socket, 'open');
    stream.send(OPEN);
    await stream.received(/<mechanism>ANONYMOUS/);
    stream.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    await stream.received(/<success/);
    stream.send(OPEN);
    await stream.received(/urn:ietf:params:xml:ns:xmpp-bind/);
    stream.send(
      '<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
    );
    await stream.received(/<jid>/);
    return stream;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  /** The first frame so far or from now on that matches. */
  received(pattern: RegExp): Promise<string> {
    return waitUntil(`a frame like ${pattern}`, () => {
      return this.frames.find((frame) => pattern.test(frame));
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
