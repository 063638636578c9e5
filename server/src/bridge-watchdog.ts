/**
 * Ends a bridge worker (one watchdog for each) that is alive and answers nothing: a hang would otherwise last for ever, while
 * a death is mended in a moment (the host starts another worker, the focus invites everyone again).
 */
import type { Logger, TimerHandle, Timers } from '@conclave/base';
import { withinTime } from './web/health.ts';

/** What the watchdog needs of the worker's host. */
export interface WatchedBridge {
  readonly bridgeId: string;
  /** False while there is no worker. */
  readonly isReady: boolean;
  /** Undefined when the worker is gone. */
  stats(): Promise<unknown>;
  killWorker(): void;
}

export interface BridgeWatchdogOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Answers missed in a row until the worker is ended. */
  readonly maxMissed: number;
}

/** Some 30 s: a machine that is merely overloaded must not lose its calls as well. */
const DEFAULTS: BridgeWatchdogOptions = { intervalMs: 5000, timeoutMs: 5000, maxMissed: 3 };

export class BridgeWatchdog {
  readonly #timers: Timers;
  readonly #logger: Logger;
  readonly #bridge: WatchedBridge;
  readonly #options: BridgeWatchdogOptions;
  #missed = 0;
  #timer: TimerHandle | undefined;
  #isClosed = false;

  constructor(
    deps: { readonly timers: Timers; readonly logger: Logger },
    bridge: WatchedBridge,
    options: BridgeWatchdogOptions = DEFAULTS,
  ) {
    this.#timers = deps.timers;
    this.#logger = deps.logger;
    this.#bridge = bridge;
    this.#options = options;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = this.#timers.schedule(this.#options.intervalMs, () => {
      this.#check().then(
        () => this.#schedule(),
        (error: unknown) => {
          this.#logger.error('videobridge.watchdog.failed', { error });
          this.#schedule();
        },
      );
    });
  }

  async #check(): Promise<void> {
    // Without a worker there is nothing to end: the host is starting one.
    if (!this.#bridge.isReady) {
      this.#missed = 0;
      return;
    }
    const answer = this.#bridge.stats();
    const stats = await withinTime(this.#timers, this.#options.timeoutMs, answer, undefined);
    if (stats !== undefined || this.#isClosed || !this.#bridge.isReady) {
      this.#missed = 0;
      return;
    }
    const { bridgeId } = this.#bridge;
    this.#missed++;
    this.#logger.warn('videobridge.silent', { bridgeId, missed: this.#missed });
    if (this.#missed < this.#options.maxMissed) return;
    this.#missed = 0;
    this.#logger.error('videobridge.hung', { bridgeId });
    this.#bridge.killWorker();
  }
}
