/**
 * XMPP over TCP for clients that know nothing else (RFC 6120 §4), carried on over WebSocket (RFC 7395): only
 * the framing changes. One connection after another; enough for a test.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { WebSocket } from 'ws';

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const TAG = /<([/?!]?)([^\s/>?]+)[^>]*?(\/?)>/g;

export async function startTcpGateway(service: string): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => join(socket, service));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}

function join(socket: Socket, service: string): void {
  const web = new WebSocket(service, 'xmpp');
  const waiting: string[] = [];
  const send = (frame: string) => {
    if (web.readyState === WebSocket.OPEN) web.send(frame);
    else waiting.push(frame);
  };
  web.on('open', () => {
    for (const frame of waiting.splice(0)) web.send(frame);
  });
  web.on('message', (data) => socket.write(toTcp(data.toString())));
  web.on('close', () => socket.end());
  web.on('error', () => socket.destroy());
  socket.on('error', () => web.close());
  socket.on('close', () => web.close());
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
    text = takeElements(text, send);
  });
}

/** Hands out what is complete; gives back the rest. */
function takeElements(text: string, send: (frame: string) => void): string {
  let depth = 0;
  let from = 0;
  for (const match of text.matchAll(TAG)) {
    const [tag, slash, name = '', isEmpty] = match;
    const end = match.index + tag.length;
    if (slash === '?') from = end;
    else if (name === 'stream:stream') {
      const to = /\bto=['"]([^'"]+)/.exec(tag)?.[1] ?? '';
      send(
        slash === '/'
          ? `<close xmlns="${FRAMING}"/>`
          : `<open xmlns="${FRAMING}" to="${to}" version="1.0"/>`,
      );
      from = end;
    } else {
      if (slash === '/') depth--;
      else if (isEmpty === '') depth++;
      if (depth > 0) continue;
      send(withNamespace(text.slice(from, end).trim()));
      from = end;
    }
  }
  return text.slice(from);
}

/** What the stream's default namespace said for all. */
function withNamespace(element: string): string {
  const start = /^<[^>]*>/.exec(element)?.[0] ?? '';
  if (/\sxmlns=/.test(start)) return element;
  return element.replace(/^<([\w:]+)/, '<$1 xmlns="jabber:client"');
}

function toTcp(frame: string): string {
  if (frame.startsWith('<close')) return '</stream:stream>';
  if (!frame.startsWith('<open')) return frame;
  const attribute = (name: string) => new RegExp(`\\s${name}=["']([^"']*)`).exec(frame)?.[1] ?? '';
  return (
    `<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' ` +
    `xmlns:stream='http://etherx.jabber.org/streams' from='${attribute('from')}' id='${attribute('id')}'>`
  );
}
