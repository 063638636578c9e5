/** Whose voices one receiver wants (`ReceiverAudioSubscription`, Jitsi's clients since 2025); everybody's to begin with. */
import type { ReceiverAudioSubscription } from '@conclave/protocols/bridge-channel';

export class AudioSubscription {
  #all = true;
  #include: ReadonlySet<string> = new Set();
  #exclude: ReadonlySet<string> = new Set();

  get isNobody(): boolean {
    return !this.#all && this.#include.size === 0;
  }

  set({ all, include, exclude }: ReceiverAudioSubscription): void {
    this.#all = all;
    this.#include = new Set(include);
    this.#exclude = new Set(exclude);
  }

  wants(sourceName: string): boolean {
    if (this.#exclude.has(sourceName)) return false;
    return this.#all || this.#include.has(sourceName);
  }

  /** Some are wanted by their names. */
  get namesAny(): boolean {
    return this.#include.size > 0;
  }

  /** The source is wanted by its name: it is heard even where only the loudest are. */
  names(sourceName: string): boolean {
    return this.#include.has(sourceName) && !this.#exclude.has(sourceName);
  }
}
