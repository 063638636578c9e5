/**
 * The pace at which a client's frames are taken: what comes too fast waits in order, up to a bound.
 * Slowing is invisible to clients; lost or refused stanzas would break them.
 */

import { TokenBucket } from '@conclave/base';
import type { CoreContext } from './context.ts';
import type { Deadline } from './deadlines.ts';

export class StreamIntake {
  readonly #core: CoreContext;
  readonly #handle: (text: string) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #stanzas: TokenBucket;
  readonly #characters: TokenBucket;
  #backlog: string[] = [];
  #backlogCharacters = 0;
  #deadline: Deadline | undefined;

  /** `onFailure` gets what `handle` throws for a frame that had waited. */
  constructor(
    core: CoreContext,
    handle: (text: string) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#handle = handle;
    this.#onFailure = onFailure;
    const { limits } = core.options;
    this.#stanzas = new TokenBucket(limits.stanzasPerSecond, limits.stanzaBurst, core.nowMs);
    this.#characters = new TokenBucket(
      limits.charactersPerSecond,
      limits.characterBurst,
      core.nowMs,
    );
  }

  /** Handles `text` now or later; false when too much is waiting already. */
  accept(text: string): boolean {
    if (this.#backlog.length === 0 && this.#waitMs(text) === 0) {
      this.#take(text);
      return true;
    }
    const { limits } = this.#core.options;
    this.#core.metrics.framesDelayed++;
    this.#backlog.push(text);
    this.#backlogCharacters += text.length;
    if (this.#backlog.length === 1) this.#wait();
    return (
      this.#backlog.length <= limits.maxBacklogFrames &&
      this.#backlogCharacters <= limits.maxBacklogCharacters
    );
  }

  /** Forgets what waits: the stream is closed. */
  clear(): void {
    this.#backlog = [];
    this.#backlogCharacters = 0;
    this.#deadline?.cancel();
  }

  #wait(): void {
    const next = this.#backlog[0];
    if (next === undefined) return;
    const dueMs = this.#core.nowMs + Math.max(1, this.#waitMs(next));
    this.#deadline = this.#core.deadlines.at(dueMs, () =>
      this.#core.inputs.push(() => this.#drain(), this.#onFailure),
    );
  }

  #drain(): void {
    for (;;) {
      const text = this.#backlog[0];
      if (text === undefined) return;
      if (this.#waitMs(text) > 0) {
        this.#wait();
        return;
      }
      this.#backlog.shift();
      this.#backlogCharacters -= text.length;
      this.#take(text);
    }
  }

  #waitMs(text: string): number {
    const { nowMs } = this.#core;
    return Math.max(
      this.#stanzas.waitMs(costOf(text), nowMs),
      this.#characters.waitMs(text.length, nowMs),
    );
  }

  #take(text: string): void {
    const { nowMs } = this.#core;
    this.#stanzas.take(costOf(text), nowMs);
    this.#characters.take(text.length, nowMs);
    this.#handle(text);
  }
}

/**
 * In stanzas. What a room multiplies costs more; an acknowledgement costs a fifth, as one comes for
 * every five stanzas that we send.
 */
function costOf(text: string): number {
  if (text.startsWith('<presence')) return 3;
  if (text.startsWith('<message')) return 2;
  return text.startsWith('<a ') ? 0.2 : 1;
}
