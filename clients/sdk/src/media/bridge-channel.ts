/**
 * The channel of JSON messages to the videobridge, over a WebSocket or a data channel that is opened again for ever while
 * the session lasts. What we said is said again after every opening: the bridge keeps nothing of ours.
 */
import type { TimerHandle } from '@conclave/base';
import {
  type BridgeMessage,
  type ClientMessage,
  parseBridgeMessage,
  writeChannelMessage,
} from '@conclave/protocols/bridge-channel';
import type { Platform, Socket, SocketEvents } from '../platform/platform.ts';
import { type ReadonlyStore, Store } from '../store.ts';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/** Opens what carries the messages. */
export type OpenCarrier = (events: SocketEvents) => Socket;

export class BridgeChannel {
  readonly #platform: Pick<Platform, 'timers' | 'logger'>;
  readonly #openCarrier: OpenCarrier;
  readonly #onMessage: (message: BridgeMessage) => void;
  readonly #isOpen = new Store(false);
  /** The last message of each kind that describes a state, by a key of the kind. */
  readonly #lasting = new Map<string, ClientMessage>();
  #socket: Socket | undefined;
  #retryTimer: TimerHandle | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(
    platform: Pick<Platform, 'timers' | 'logger'>,
    openCarrier: OpenCarrier,
    onMessage: (message: BridgeMessage) => void,
  ) {
    this.#platform = platform;
    this.#openCarrier = openCarrier;
    this.#onMessage = onMessage;
  }

  get isOpen(): ReadonlyStore<boolean> {
    return this.#isOpen;
  }

  open(): void {
    if (this.#closed || this.#socket !== undefined) return;
    this.#socket = this.#openCarrier({
      onOpen: () => this.#handleOpen(),
      onText: (text) => this.#handleText(text),
      onClose: () => this.#handleClose(),
    });
  }

  /** Sends now, and after every re-opening, until another message with the same key replaces it. */
  sendLasting(key: string, message: ClientMessage): void {
    this.#lasting.set(key, message);
    this.send(message);
  }

  /** False when the channel is not open; the message is then lost. */
  send(message: ClientMessage): boolean {
    if (!this.#isOpen.get()) return false;
    this.#socket?.send(writeChannelMessage(message));
    return true;
  }

  /** Tries again at once instead of waiting for the back-off. */
  retryNow(): void {
    if (this.#retryTimer === undefined) return;
    this.#retryTimer.cancel();
    this.#retryTimer = undefined;
    this.open();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#retryTimer?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    this.#isOpen.set(false);
  }

  #handleOpen(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#isOpen.set(true);
    for (const message of this.#lasting.values()) this.send(message);
  }

  #handleText(text: string): void {
    const result = parseBridgeMessage(text);
    if (result.type === 'message') this.#onMessage(result.message);
    else if (result.reason !== 'unknown-class') {
      this.#platform.logger.warn('bridge.message.refused', { reason: result.reason });
    }
  }

  #handleClose(): void {
    this.#socket = undefined;
    this.#isOpen.set(false);
    if (this.#closed) return;
    this.#retryTimer = this.#platform.timers.schedule(this.#retryMs, () => {
      this.#retryTimer = undefined;
      this.open();
    });
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }
}
