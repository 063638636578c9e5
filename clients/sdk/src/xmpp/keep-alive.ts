/** Notices that the server has fallen silent although the socket looks open (XEP-0199). */
import type { Clock, TimerHandle, Timers } from '@conclave/base';
import type { RequestError } from './request-error.ts';

const INTERVAL_MS = 10_000;
export const PING_TIMEOUT_MS = 5_000;
const MAX_FAILURES = 2;

export interface KeepAliveActions {
  /** Rejects with a RequestError; `timeout` is silence, anything else an answer. */
  ping(): Promise<unknown>;
  /** Two pings in a row got no answer. */
  onSilent(): void;
}

export class KeepAlive {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #actions: KeepAliveActions;
  #timer: TimerHandle | undefined;
  #lastReceivedMs = 0;
  #failures = 0;
  #running = false;

  constructor(clock: Clock, timers: Timers, actions: KeepAliveActions) {
    this.#clock = clock;
    this.#timers = timers;
    this.#actions = actions;
  }

  start(): void {
    this.#running = true;
    this.#failures = 0;
    this.handleReceived();
    this.#schedule();
  }

  /** Idempotent. */
  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  /** Anything from the server is a sign of life. */
  handleReceived(): void {
    this.#lastReceivedMs = this.#clock.nowMs();
  }

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = this.#timers.schedule(INTERVAL_MS, () => {
      if (this.#clock.nowMs() - this.#lastReceivedMs < INTERVAL_MS) {
        this.#schedule();
        return;
      }
      this.#actions.ping().then(
        () => this.#handlePing(true),
        (error: RequestError) => this.#handlePing(error.condition !== 'timeout'),
      );
    });
  }

  #handlePing(answered: boolean): void {
    if (!this.#running) return;
    this.#failures = answered ? 0 : this.#failures + 1;
    if (this.#failures >= MAX_FAILURES) this.#actions.onSilent();
    else this.#schedule();
  }
}
