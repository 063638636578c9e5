/**
 * A named point where modules take part. Handlers run in order of priority; the first that returns
 * something decides, and the rest are not asked. Events are mutable: modules may change what is sent.
 */

export class Hook<Event, Answer = never> {
  #handlers: { priority: number; handle: (event: Event) => Answer | undefined }[] = [];

  /** Lower priorities come first; equal ones in order of registration. */
  add(priority: number, handle: (event: Event) => Answer | undefined): void {
    this.#handlers.push({ priority, handle });
    this.#handlers.sort((a, b) => a.priority - b.priority);
  }

  /** Whether anyone takes part; lets the hot path skip building an event. */
  get isEmpty(): boolean {
    return this.#handlers.length === 0;
  }

  run(event: Event): Answer | undefined {
    for (const { handle } of this.#handlers) {
      const answer = handle(event);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
