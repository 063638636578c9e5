/**
 * One receiver of webhooks: what waits for it, what is on its way, and when what failed is tried again.
 * A receiver that is slow or down costs a bounded queue and nothing else.
 */
import {
  type Clock,
  type Logger,
  type RandomSource,
  randomUint32,
  type Timers,
} from '@conclave/base';

export interface WebhookMessage {
  /** The same for every attempt, so that receivers can tell repetitions. */
  readonly id: string;
  readonly body: string;
}

/** The HTTP status, or why there is none. Never rejects. */
export type PostWebhook = (url: string, message: WebhookMessage) => Promise<number | string>;

export interface EndpointDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly post: PostWebhook;
}

interface Pending {
  readonly message: WebhookMessage;
  attempts: number;
  timer?: { cancel(): void };
}

export interface EndpointCounters {
  delivered: number;
  /** Attempts. */
  failed: number;
  /** Messages given up, or pushed out of a full queue. */
  dropped: number;
}

/** Waits before the second, third … attempt; then a message is given up. */
export const RETRY_DELAYS_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000];

const MAX_PENDING = 1_000;
const MAX_IN_FLIGHT = 4;
/** Waits vary by this part, so that what failed together does not come back together. */
const JITTER = 0.2;

export class WebhookEndpoint {
  readonly counters: EndpointCounters = { delivered: 0, failed: 0, dropped: 0 };
  readonly #deps: EndpointDependencies;
  readonly #url: string;
  /** For logs: path and query may hold secrets of the receiver. */
  readonly #origin: string;
  /** Ready to be sent, in order. */
  #ready: Pending[] = [];
  /** Waiting for their next attempt. */
  readonly #retrying = new Set<Pending>();
  #inFlight = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor(deps: EndpointDependencies, url: string) {
    this.#deps = deps;
    this.#url = url;
    this.#origin = new URL(url).origin;
  }

  get pending(): number {
    return this.#ready.length + this.#retrying.size + this.#inFlight;
  }

  send(message: WebhookMessage): void {
    if (this.#isClosed) return;
    if (this.pending >= MAX_PENDING) this.#dropOldest();
    this.#ready.push({ message, attempts: 0 });
    this.#pump();
  }

  /** Retries end; resolves when what is on its way has arrived, or after `timeoutMs`. */
  close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    for (const pending of this.#retrying) pending.timer?.cancel();
    this.counters.dropped += this.#retrying.size;
    this.#retrying.clear();
    if (this.#inFlight === 0 && this.#ready.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#deps.timers.schedule(timeoutMs, resolve);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #dropOldest(): void {
    const [retrying] = this.#retrying;
    if (retrying !== undefined) {
      retrying.timer?.cancel();
      this.#retrying.delete(retrying);
    } else this.#ready.shift();
    this.#drop('the queue is full');
  }

  #drop(reason: string): void {
    this.counters.dropped++;
    // The first, and then each time it has become ten times as many.
    if (/^10*$/.test(String(this.counters.dropped))) {
      const { dropped } = this.counters;
      this.#deps.logger.warn('webhooks.dropped', { url: this.#origin, dropped, reason });
    }
  }

  #pump(): void {
    while (this.#inFlight < MAX_IN_FLIGHT) {
      const pending = this.#ready.shift();
      if (pending === undefined) break;
      this.#inFlight++;
      void this.#attempt(pending);
    }
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  async #attempt(pending: Pending): Promise<void> {
    pending.attempts++;
    const outcome = await this.#deps.post(this.#url, pending.message);
    this.#inFlight--;
    if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) this.counters.delivered++;
    else this.#handleFailure(pending, outcome);
    this.#pump();
  }

  #handleFailure(pending: Pending, outcome: number | string): void {
    this.counters.failed++;
    const { attempts } = pending;
    this.#deps.logger.debug('webhooks.failed', { url: this.#origin, attempts, outcome });
    const delayMs = RETRY_DELAYS_MS[attempts - 1];
    // 410: the receiver wants no more of this (Standard Webhooks).
    if (delayMs === undefined || this.#isClosed || outcome === 410) {
      this.#drop(String(outcome));
      return;
    }
    const spread = (randomUint32(this.#deps.random) / 2 ** 32 - 0.5) * JITTER;
    this.#retrying.add(pending);
    pending.timer = this.#deps.timers.schedule(delayMs * (1 + spread), () => {
      this.#retrying.delete(pending);
      this.#ready.push(pending);
      this.#pump();
    });
  }
}
