/**
 * One listening port with the limits that every port has: connections in all and per address, time
 * for the handshake, for headers and for a whole request, and the size of headers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Logger } from '@conclave/base';
import type { AddressCounter } from '@conclave/platform/net';
import { StartError } from '../errors.ts';
import type { WebCertificate } from './certificate.ts';
import type { UpgradeListener } from './web-socket-routes.ts';

export interface WebListenerDependencies {
  readonly logger: Logger;
  /** Shared by all ports. */
  readonly connections: AddressCounter;
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Absent: upgrades are refused. */
  readonly handleUpgrade?: UpgradeListener;
}

export interface WebListenerOptions {
  /** HTTPS when given. */
  readonly certificate?: WebCertificate;
  readonly maxConnections: number;
}

const LIMITS = {
  maxHeaderSize: 24 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const;
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;
/** Nothing goes either way: longer than any answer is waited for (XEP-0124 `wait`). WebSockets have a limit of their own. */
const SILENCE_TIMEOUT_MS = 120_000;
/** Requests of one connection that wait for their answers. Browsers send the next after the answer; each may cost an open file. */
const MAX_PIPELINED = 4;

export class WebListener {
  readonly #deps: WebListenerDependencies;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Requests without an answer, by connection. */
  readonly #waiting = new WeakMap<Socket, number>();
  /** Connections turned away, or cut off for too many requests at once, since the start. */
  refusedConnections = 0;

  constructor(deps: WebListenerDependencies, options: WebListenerOptions) {
    this.#deps = deps;
    const { certificate } = options;
    const handleRequest = (request: IncomingMessage, response: ServerResponse) =>
      this.#handleRequest(request, response);
    this.#server =
      certificate === undefined
        ? createServer(LIMITS, handleRequest)
        : createSecureServer(
            {
              ...LIMITS,
              cert: certificate.certificate,
              key: certificate.privateKey,
              minVersion: 'TLSv1.2',
              handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
              ALPNProtocols: ['http/1.1'],
            },
            handleRequest,
          );
    this.#server.timeout = SILENCE_TIMEOUT_MS;
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('connection', (socket: Socket) => this.#handleConnection(socket));
    this.#server.on('upgrade', (request, socket, head) => {
      if (deps.handleUpgrade === undefined) socket.destroy();
      else deps.handleUpgrade(request, socket, head);
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      // As Node does by itself, but without the stack of an error that any scanner causes.
      if (error.code !== 'ECONNRESET' && socket.writable) {
        const status =
          error.code === 'HPE_HEADER_OVERFLOW'
            ? 431
            : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
              ? 408
              : 400;
        socket.end(`HTTP/1.1 ${status} ${STATUS_TEXT[status]}\r\nConnection: close\r\n\r\n`);
      } else {
        socket.destroy();
      }
    });
    this.#server.on('tlsClientError', (error) => {
      deps.logger.debug('web.tls.failed', { error: error.message });
    });
  }

  /** Starts listening. Throws StartError with the setting to change. */
  listen(port: number, host: string, portSetting: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        if (host === '::' && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL')) {
          // A kernel without IPv6: all IPv4 addresses are all addresses.
          this.listen(port, '0.0.0.0', portSetting).then(resolve, reject);
          return;
        }
        reject(listenError(error, port, host, portSetting));
      };
      this.#server.once('error', fail);
      this.#server.listen({ port, host, backlog: 511 }, () => {
        this.#server.off('error', fail);
        this.#server.on('error', (error) => this.#deps.logger.error('web.failed', { error }));
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** New connections get this certificate; open ones keep theirs. Nothing without HTTPS. */
  setCertificate({ certificate, privateKey }: WebCertificate): void {
    const server: unknown = this.#server;
    if (server instanceof TlsServer) {
      server.setSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' });
    }
  }

  /** No new connections; idle ones end now, the others when their answer is sent. */
  stopAccepting(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Ends whatever is still open. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > MAX_PIPELINED) {
      this.refusedConnections++;
      socket.destroy();
      return;
    }
    this.#waiting.set(socket, waiting);
    response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1));
    this.#deps.handleRequest(request, response);
  }

  #handleConnection(socket: Socket): void {
    const giveBack = this.#deps.connections.take(socket.remoteAddress ?? '');
    if (giveBack === undefined) {
      this.refusedConnections++;
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      giveBack();
    });
  }
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function listenError(
  error: NodeJS.ErrnoException,
  port: number,
  host: string,
  portSetting: string,
): StartError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        'WEB_PORT_IN_USE',
        `${portSetting}=${port}: another program already uses TCP port ${port}. Stop it, or set ${portSetting} to another port.`,
      );
    case 'EACCES':
      return new StartError(
        'WEB_PORT_FORBIDDEN',
        `${portSetting}=${port}: this user may not listen on TCP port ${port}. Ports below 1024 need a privilege ` +
          `(for example "setcap cap_net_bind_service=+ep" on the node program); or set ${portSetting} to 1024 or higher.`,
      );
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new StartError(
        'WEB_ADDRESS_UNAVAILABLE',
        `LISTEN_ADDRESS=${host} is not an address of this machine. Remove it to listen on all addresses.`,
      );
    default:
      return new StartError(
        'WEB_LISTEN_FAILED',
        `cannot listen on ${host} port ${port} (${portSetting}): ${error.message}`,
        { cause: error },
      );
  }
}
