/**
 * The patient end of a server: no meeting begins any more, and when the last one is over, it may end. Newcomers get into meetings that are
 * under way; who wants to begin one is told to ask again, which clients do by themselves until the server is back.
 */
import type { Logger, TimerHandle, Timers } from '@conclave/base';

export interface DrainDependencies {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly focus: {
    /** From here on no conference begins. */
    drain(): void;
    stats(): { readonly conferences: number };
  };
}

const LOOK_INTERVAL_MS = 500;
/** Somebody may have forgotten to hang up (Jitsi's bridge waits as long). */
const MAX_WAIT_MS = 24 * 3600 * 1000;

export class Drain {
  readonly #deps: DrainDependencies;
  #over: Promise<void> | undefined;
  #timer: TimerHandle | undefined;

  constructor(deps: DrainDependencies) {
    this.#deps = deps;
  }

  get isDraining(): boolean {
    return this.#over !== undefined;
  }

  /** Resolves when the last meeting is over, or after a day. The same for every call. */
  begin(): Promise<void> {
    this.#over ??= new Promise((resolve) => {
      const { focus, logger } = this.#deps;
      focus.drain();
      logger.info('server.draining', { meetings: focus.stats().conferences });
      this.#wait(MAX_WAIT_MS, resolve);
    });
    return this.#over;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #wait(leftMs: number, resolve: () => void): void {
    const { focus, timers } = this.#deps;
    if (leftMs <= 0 || focus.stats().conferences === 0) {
      resolve();
      return;
    }
    this.#timer = timers.schedule(LOOK_INTERVAL_MS, () =>
      this.#wait(leftMs - LOOK_INTERVAL_MS, resolve),
    );
  }
}
