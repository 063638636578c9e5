/**
 * Server side of WebSocket connections (RFC 6455): text messages in, text messages out, with bounds
 * on message size, on what a slow reader may leave unsent, and on silence. No application protocol.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import { type WebSocket, WebSocketServer } from 'ws';
import { writeTextFrames } from './text-frames.ts';

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What the application may do with a connection. Both are harmless after the end. */
export interface WebSocketLink {
  send(text: string): void;
  /** Close handshake with this code (1000, 1001, 3000-4999 …). */
  close(code: number, reason: string): void;
}

/** What the application wants to hear. `handleClose` comes exactly once, last. */
export interface WebSocketHandler {
  handleMessage(text: string): void;
  handleClose(): void;
}

export interface WebSocketAcceptorOptions {
  /** The only subprotocol; when given, a client that asks for others gets none selected. */
  readonly subprotocol?: string;
  /** A longer message closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** A reader that leaves more than this unread is cut off. */
  readonly maxBufferedBytes: number;
  /** Ping after this much silence. */
  readonly pingAfterMs: number;
  /** End the connection after this much silence. */
  readonly timeoutMs: number;
}

export interface WebSocketAcceptorDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Totals since the start, and what is open now. */
export interface WebSocketCounters {
  open: number;
  accepted: number;
  messages: number;
  closedSlow: number;
  closedSilent: number;
  closedOversize: number;
  closedBinary: number;
  handlerFailures: number;
}

interface Connection {
  readonly socket: WebSocket;
  /** Below `socket`, for frames of our own making. */
  readonly stream: Duplex;
  /** Sent in this turn of the event loop; leaves at its end, in one system call. */
  outgoing: string[];
  outgoingCharacters: number;
  heardMs: number;
  pinged: boolean;
}

const CLOSE_GOING_AWAY = 1001;
const CLOSE_UNSUPPORTED_DATA = 1003;
const CLOSE_INTERNAL_ERROR = 1011;
const SWEEPS_PER_PING = 3;

export class WebSocketAcceptor {
  readonly counters: WebSocketCounters = {
    open: 0,
    accepted: 0,
    messages: 0,
    closedSlow: 0,
    closedSilent: 0,
    closedOversize: 0,
    closedBinary: 0,
    handlerFailures: 0,
  };
  readonly #deps: WebSocketAcceptorDependencies;
  readonly #options: WebSocketAcceptorOptions;
  readonly #server: WebSocketServer;
  readonly #connections = new Set<Connection>();
  /** Connections with something outgoing. */
  #unflushed: Connection[] = [];
  #sweep: TimerHandle | undefined;

  constructor(deps: WebSocketAcceptorDependencies, options: WebSocketAcceptorOptions) {
    this.#deps = deps;
    this.#options = options;
    const { subprotocol } = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxMessageBytes,
      // Compression costs memory per connection and helps little with short messages.
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        subprotocol !== undefined && offered.has(subprotocol) ? subprotocol : false,
    });
  }

  /** Completes the handshake, or answers it with 4xx, and hands the open connection to `open`. */
  accept(upgrade: UpgradeRequest, open: (link: WebSocketLink) => WebSocketHandler): void {
    this.#server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
      this.#handleOpen(socket, upgrade.socket, open);
    });
  }

  /** Starts the close handshake with everyone; new connections are the caller's business. */
  close(): void {
    this.#sweep?.cancel();
    this.#sweep = undefined;
    for (const connection of this.#connections) {
      this.#close(connection, CLOSE_GOING_AWAY, 'server stops');
    }
  }

  #handleOpen(
    socket: WebSocket,
    stream: Duplex,
    open: (link: WebSocketLink) => WebSocketHandler,
  ): void {
    const connection: Connection = {
      socket,
      stream,
      outgoing: [],
      outgoingCharacters: 0,
      heardMs: this.#deps.clock.nowMs(),
      pinged: false,
    };
    this.#connections.add(connection);
    this.counters.open++;
    this.counters.accepted++;
    let handler: WebSocketHandler | undefined;

    const heard = () => {
      connection.heardMs = this.#deps.clock.nowMs();
      connection.pinged = false;
    };
    const guard = (run: () => void) => {
      try {
        run();
      } catch (error) {
        // A bug met through one connection must not end the others.
        this.counters.handlerFailures++;
        this.#deps.logger.error('websocket.handler.failed', { error });
        this.#close(connection, CLOSE_INTERNAL_ERROR, 'internal error');
      }
    };

    socket.on('message', (data, isBinary) => {
      heard();
      if (isBinary) {
        this.counters.closedBinary++;
        this.#close(connection, CLOSE_UNSUPPORTED_DATA, 'text only');
        return;
      }
      if (socket.readyState !== socket.OPEN) return;
      this.counters.messages++;
      guard(() => handler?.handleMessage(data.toString()));
    });
    socket.on('ping', heard);
    socket.on('pong', heard);
    socket.on('error', (error) => {
      if ((error as { code?: string }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
        this.counters.closedOversize++;
      }
      this.#deps.logger.debug('websocket.error', { error: error.message });
    });
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.counters.open--;
      guard(() => handler?.handleClose());
    });

    guard(() => {
      handler = open({
        send: (text) => this.#send(connection, text),
        close: (code, reason) => this.#close(connection, code, reason),
      });
    });
    this.#scheduleSweep();
  }

  #send(connection: Connection, text: string): void {
    const { socket } = connection;
    if (socket.readyState !== socket.OPEN) return;
    const bufferedBytes = socket.bufferedAmount + connection.outgoingCharacters;
    if (bufferedBytes > this.#options.maxBufferedBytes) {
      this.counters.closedSlow++;
      this.#deps.logger.info('websocket.slow', { bufferedBytes });
      socket.terminate();
      return;
    }
    if (connection.outgoing.push(text) === 1) {
      if (this.#unflushed.push(connection) === 1) setImmediate(() => this.#flushAll());
    }
    connection.outgoingCharacters += text.length;
  }

  #flushAll(): void {
    const connections = this.#unflushed;
    this.#unflushed = [];
    for (const connection of connections) this.#flush(connection);
  }

  #flush(connection: Connection): void {
    const { socket, stream, outgoing } = connection;
    if (outgoing.length === 0) return;
    connection.outgoing = [];
    connection.outgoingCharacters = 0;
    if (socket.readyState === socket.OPEN) stream.write(writeTextFrames(outgoing));
  }

  /** Close handshake, after what was sent before. */
  #close(connection: Connection, code: number, reason: string): void {
    this.#flush(connection);
    connection.socket.close(code, reason);
  }

  #scheduleSweep(): void {
    if (this.#sweep !== undefined || this.#connections.size === 0) return;
    this.#sweep = this.#deps.timers.schedule(this.#options.pingAfterMs / SWEEPS_PER_PING, () => {
      this.#sweep = undefined;
      this.#pingSilent(this.#deps.clock.nowMs());
      this.#scheduleSweep();
    });
  }

  #pingSilent(nowMs: number): void {
    for (const connection of this.#connections) {
      const silentMs = nowMs - connection.heardMs;
      if (silentMs >= this.#options.timeoutMs) {
        this.counters.closedSilent++;
        this.#connections.delete(connection);
        connection.socket.terminate();
      } else if (silentMs >= this.#options.pingAfterMs && !connection.pinged) {
        connection.pinged = true;
        if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping();
      }
    }
  }
}
