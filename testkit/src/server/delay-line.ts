/** Holds things back for a time each; what was put in first comes out first, as in a queue on the way. */

export class DelayLine {
  readonly #waiting: { readonly dueMs: number; readonly release: () => void }[] = [];
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Calls `release` after `delayMs`, or with the one before it if that is later. */
  push(delayMs: number, release: () => void): void {
    const nowMs = performance.now();
    if (delayMs <= 0 && this.#waiting.length === 0) {
      release();
      return;
    }
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs);
    this.#waiting.push({ dueMs: this.#lastDueMs, release });
    this.#timer ??= setTimeout(this.#releaseDue, this.#lastDueMs - nowMs);
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  readonly #releaseDue = (): void => {
    this.#timer = undefined;
    const nowMs = performance.now();
    // Timers are as fine as a millisecond.
    while (this.#waiting.length > 0 && this.#waiting[0]!.dueMs <= nowMs + 0.5) {
      this.#waiting.shift()?.release();
    }
    const next = this.#waiting[0];
    if (next !== undefined) this.#timer = setTimeout(this.#releaseDue, next.dueMs - nowMs);
  };
}
