/** The bridge channels of one worker that are WebSockets: their texts go to the thread and come from there, by number. */
import { type Clock, type Logger, TokenBucket } from '@conclave/base';
import type { ToWorker } from './worker-protocol.ts';

/** The web server's side of one bridge channel WebSocket. */
export interface ChannelTransport {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What the web server calls when something arrives on that WebSocket. */
export interface ChannelHandle {
  handleMessage(text: string): void;
  handleClose(): void;
}

/** Whose channel it is, as its URL says. */
export interface ChannelOwner {
  readonly conferenceId: string;
  readonly endpointId: string;
  readonly password: string;
}

/**
 * Messages per second and at once, long ones counting as several: far above what the worker obeys. Who sends more is cut off, lest
 * its messages fill the port that everybody's requests go through.
 */
const MESSAGES_PER_SECOND = 200;
const MESSAGE_BURST = 1000;
const CHARACTERS_PER_MESSAGE = 4096;

export interface WorkerChannelsDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  post(message: ToWorker): void;
}

export class WorkerChannels {
  readonly #deps: WorkerChannelsDependencies;
  readonly #transports = new Map<number, ChannelTransport>();
  /** Numbers are never used twice. */
  #lastId = 0;

  constructor(dependencies: WorkerChannelsDependencies) {
    this.#deps = dependencies;
  }

  get size(): number {
    return this.#transports.size;
  }

  open(owner: ChannelOwner, transport: ChannelTransport): ChannelHandle {
    const { clock, logger } = this.#deps;
    const channelId = ++this.#lastId;
    const pace = new TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST, clock.nowMs());
    const handleClose = (): void => {
      if (this.#transports.delete(channelId)) this.#deps.post({ type: 'channelClosed', channelId });
    };
    this.#transports.set(channelId, transport);
    this.#deps.post({ type: 'channelOpen', channelId, ...owner });
    return {
      handleMessage: (text) => {
        if (!this.#transports.has(channelId)) return;
        if (pace.tryTake(1 + text.length / CHARACTERS_PER_MESSAGE, clock.nowMs())) {
          this.#deps.post({ type: 'channelMessage', channelId, text });
          return;
        }
        const { conferenceId, endpointId } = owner;
        logger.warn('videobridge.channel.flood', { conferenceId, endpointId });
        handleClose();
        transport.close(1008, 'too many messages');
      },
      handleClose,
    };
  }

  /** From the worker. What is for a channel that has gone meanwhile is dropped. */
  send(channelId: number, text: string): void {
    this.#transports.get(channelId)?.send(text);
  }

  /** By the worker. */
  close(channelId: number, code: number, reason: string): void {
    const transport = this.#transports.get(channelId);
    this.#transports.delete(channelId);
    transport?.close(code, reason);
  }

  /** The worker is gone. */
  closeAll(code: number, reason: string): void {
    const transports = [...this.#transports.values()];
    this.#transports.clear();
    for (const transport of transports) transport.close(code, reason);
  }
}
