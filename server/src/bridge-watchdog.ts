/**
 * Ends a bridge worker (one watchdog for each) that is alive and answers nothing: a hang would otherwise last for ever, while
 * a death is mended in a moment (the host starts another worker, the focus invites everyone again).
 */
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';

/** What the watchdog needs of the worker's host. */
export interface WatchedBridge {
  readonly bridgeId: string;
  /** False while there is no worker. */
  readonly isReady: boolean;
  /** False, or never, when the worker does not answer. */
  ping(): Promise<boolean>;
  killWorker(): void;
}

export interface BridgeWatchdogDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface BridgeWatchdogOptions {
  readonly intervalMs: number;
  /** Without an answer for so long the worker is ended. Its people are without a call for this time. */
  readonly silenceMs: number;
}

/** A worker that is merely overloaded answers within a fraction of that: it takes its messages between two batches of packets. */
const DEFAULTS: BridgeWatchdogOptions = { intervalMs: 500, silenceMs: 2500 };

export class BridgeWatchdog {
  readonly #deps: BridgeWatchdogDependencies;
  readonly #bridge: WatchedBridge;
  readonly #options: BridgeWatchdogOptions;
  /** When the worker last showed that it is well, as far as one can know. */
  #wellMs: number;
  #lookedMs: number;
  #isAsked = false;
  #timer: TimerHandle | undefined;

  constructor(
    deps: BridgeWatchdogDependencies,
    bridge: WatchedBridge,
    options: BridgeWatchdogOptions = DEFAULTS,
  ) {
    this.#deps = deps;
    this.#bridge = bridge;
    this.#options = options;
    this.#wellMs = this.#lookedMs = deps.clock.nowMs();
    this.#schedule();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#deps.timers.schedule(this.#options.intervalMs, () => {
      this.#schedule();
      this.#look();
    });
  }

  #look(): void {
    const { intervalMs, silenceMs } = this.#options;
    const nowMs = this.#deps.clock.nowMs();
    const wasHeldUp = nowMs - this.#lookedMs >= 2 * intervalMs;
    this.#lookedMs = nowMs;
    // Who was held up itself (a machine that sleeps, or has no time for anybody) knows nothing of others; and a worker that is not there
    // needs no end.
    if (wasHeldUp || !this.#bridge.isReady) this.#wellMs = nowMs;
    if (nowMs - this.#wellMs < silenceMs) {
      this.#ask();
      return;
    }
    this.#wellMs = nowMs;
    const { bridgeId } = this.#bridge;
    this.#deps.logger.error('videobridge.hung', { bridgeId, silentMs: silenceMs });
    this.#bridge.killWorker();
  }

  /** One question at a time. */
  #ask(): void {
    if (this.#isAsked || !this.#bridge.isReady) return;
    this.#isAsked = true;
    this.#bridge.ping().then(
      (isAnswered) => this.#answered(isAnswered),
      () => this.#answered(false),
    );
  }

  #answered(isAnswered: boolean): void {
    this.#isAsked = false;
    if (isAnswered) this.#wellMs = this.#deps.clock.nowMs();
  }
}
