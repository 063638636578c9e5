/** A platform for tests: sockets that a test plays the other end of, time and randomness that it gives. */
import { createHash, webcrypto } from 'node:crypto';
import { type Clock, type RandomSource, silentLogger, type Timers } from '@conclave/base';
import type { Platform, Socket, SocketEvents } from '../platform/platform.ts';

export class FakeSocket implements Socket {
  readonly url: string;
  readonly protocol: string | undefined;
  readonly events: SocketEvents;
  readonly #sent: string[] = [];
  closed = false;

  constructor(url: string, protocol: string | undefined, events: SocketEvents) {
    this.url = url;
    this.protocol = protocol;
    this.events = events;
  }

  send(text: string): void {
    if (!this.closed) this.#sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  /** What was sent since the last call. */
  take(): string[] {
    return this.#sent.splice(0);
  }

  receive(...texts: string[]): void {
    for (const text of texts) if (!this.closed) this.events.onText(text);
  }

  /** The network goes away. */
  lose(): void {
    if (this.closed) return;
    this.closed = true;
    this.events.onClose();
  }
}

export class FakePlatform implements Platform {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger = silentLogger;
  readonly sockets: FakeSocket[] = [];
  readonly subtle = webcrypto.subtle as SubtleCrypto;

  constructor(clock: Clock & Timers, random: RandomSource) {
    this.clock = clock;
    this.timers = clock;
    this.random = random;
  }

  openSocket(url: string, protocol: string | undefined, events: SocketEvents): Socket {
    const socket = new FakeSocket(url, protocol, events);
    this.sockets.push(socket);
    return socket;
  }

  async sha1Base64(text: string): Promise<string> {
    return createHash('sha1').update(text).digest('base64');
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }
}
