/** Which upgrade goes where: the XMPP stream (RFC 7395) and the bridge channel (`/colibri-ws/…`). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@conclave/base';
import type {
  UpgradeRequest,
  WebSocketAcceptor,
  WebSocketHandler,
  WebSocketLink,
} from '@conclave/platform/net';
import type { Settings } from '../settings/index.ts';
import { type ClientAddress, clientAddress } from './client-address.ts';
import { noteRemoteAddress } from './remote-address.ts';
import { isSecureFor, type StreamParameters, streamParameters } from './stream-parameters.ts';

export interface ChannelAddress {
  readonly bridgeId: string;
  readonly conferenceId: string;
  readonly endpointId: string;
  readonly password: string;
}

export interface WebSocketRouteDependencies {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly xmppAcceptor: WebSocketAcceptor;
  readonly channelAcceptor: WebSocketAcceptor;
  /** Starts an XMPP stream on an open WebSocket. `address` is where this client reaches us. */
  openStream(
    link: WebSocketLink,
    parameters: StreamParameters,
    address: ClientAddress,
  ): WebSocketHandler;
  checkChannel(channel: ChannelAddress): Promise<'ok' | 'not-found' | 'forbidden'>;
  openChannel(link: WebSocketLink, channel: ChannelAddress): WebSocketHandler;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const XMPP_PATH = /^(?:\/[^/]+)?\/xmpp-websocket$/;
const CHANNEL_PATH =
  /^(?:\/[^/]+)?\/colibri-ws\/([\w.-]{1,64})\/([\w.:@-]{1,128})\/([\w.-]{1,128})$/;
const MAX_URL_LENGTH = 16_384; // a token can be long

export function createUpgradeListener(
  deps: WebSocketRouteDependencies,
  isSecure: boolean,
): UpgradeListener {
  return (request, socket, head) => {
    noteRemoteAddress(request, deps.settings.PROSODY_TRUSTED_PROXIES);
    // Until the WebSocket takes over, an error of the socket has no other listener.
    socket.on('error', (error) => deps.logger.debug('web.upgrade.error', { error: error.message }));
    const upgrade = { request, socket, head };
    const address = clientAddress(deps.settings.PUBLIC_URL, request.headers.host, isSecure);
    const url = readUrl(request.url);
    if (address === undefined || url === undefined) refuse(socket, 400);
    else if (XMPP_PATH.test(url.pathname)) acceptXmpp(deps, upgrade, url, address, isSecure);
    else if (url.pathname.includes('/colibri-ws/')) void acceptChannel(deps, upgrade, url);
    else refuse(socket, 404);
  };
}

function acceptXmpp(
  deps: WebSocketRouteDependencies,
  upgrade: UpgradeRequest,
  url: URL,
  address: ClientAddress,
  isTlsListener: boolean,
): void {
  const offered = String(upgrade.request.headers['sec-websocket-protocol'] ?? '');
  // RFC 7395 §3.1: without the subprotocol the client would not speak XMPP.
  if (!offered.split(',').some((name) => name.trim() === 'xmpp')) {
    refuse(upgrade.socket, 400);
    return;
  }
  const parameters = streamParameters(
    url,
    upgrade.request,
    isSecureFor(deps.settings, isTlsListener),
  );
  if (parameters === undefined) {
    refuse(upgrade.socket, 400);
    return;
  }
  deps.xmppAcceptor.accept(upgrade, (link) => deps.openStream(link, parameters, address));
}

async function acceptChannel(
  deps: WebSocketRouteDependencies,
  upgrade: UpgradeRequest,
  url: URL,
): Promise<void> {
  const [, bridgeId = '', conferenceId = '', endpointId = ''] =
    CHANNEL_PATH.exec(url.pathname) ?? [];
  if (endpointId === '') {
    refuse(upgrade.socket, 404);
    return;
  }
  const password = (url.searchParams.get('pwd') ?? '').slice(0, 128);
  const channel = { bridgeId, conferenceId, endpointId, password };
  try {
    const check = await deps.checkChannel(channel);
    if (check === 'not-found') refuse(upgrade.socket, 404);
    else if (check === 'forbidden') refuse(upgrade.socket, 403);
    else if (upgrade.socket.destroyed) return;
    else deps.channelAcceptor.accept(upgrade, (link) => deps.openChannel(link, channel));
  } catch (error) {
    deps.logger.error('web.channel.failed', { error });
    refuse(upgrade.socket, 500);
  }
}

function readUrl(url: string | undefined): URL | undefined {
  if (url === undefined || url.length > MAX_URL_LENGTH || !url.startsWith('/')) return undefined;
  const absolute = `http://host${url}`;
  return URL.canParse(absolute) ? new URL(absolute) : undefined;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
};

function refuse(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
