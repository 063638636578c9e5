/**
 * Notices a connection that died without a word: after some silence the client is asked for a sign
 * of life, and given up when none comes.
 */
import type { CoreContext } from './context.ts';
import type { Deadline } from './deadlines.ts';

export class SilenceWatch {
  readonly #core: CoreContext;
  readonly #probe: () => void;
  readonly #giveUp: () => void;
  #lastInboundMs: number;
  #deadline: Deadline | undefined;

  constructor(
    core: CoreContext,
    actions: { readonly probe: () => void; readonly giveUp: () => void },
  ) {
    this.#core = core;
    this.#probe = actions.probe;
    this.#giveUp = actions.giveUp;
    this.#lastInboundMs = core.nowMs;
    this.#listenUntil(core.nowMs + core.options.silenceProbeMs);
  }

  /** Something came. Costs nothing: the deadline is moved when it is reached. */
  heard(): void {
    this.#lastInboundMs = this.#core.nowMs;
  }

  stop(): void {
    this.#deadline?.cancel();
  }

  #listenUntil(dueMs: number): void {
    this.#deadline = this.#core.deadlines.at(dueMs, () => {
      const { nowMs, options } = this.#core;
      const quietUntilMs = this.#lastInboundMs + options.silenceProbeMs;
      if (quietUntilMs > nowMs) {
        this.#listenUntil(quietUntilMs);
        return;
      }
      this.#deadline = this.#core.deadlines.at(nowMs + options.silenceGraceMs, () => {
        if (this.#lastInboundMs < nowMs) this.#giveUp();
        else this.#listenUntil(this.#lastInboundMs + options.silenceProbeMs);
      });
      this.#probe();
    });
  }
}
