/**
 * One input, then the next: what happens while an input is handled (a component that answers at
 * once, a transport that closes inside a send) waits its turn, so rooms never change under a
 * broadcast. A failure ends with the input that caused it.
 */

export class InputQueue {
  readonly #queue: { run: () => void; onFailure: (error: unknown) => void }[] = [];
  #running = false;

  /** Runs `run` now, or after the inputs before it. `onFailure` gets what it throws. */
  push(run: () => void, onFailure: (error: unknown) => void): void {
    this.#queue.push({ run, onFailure });
    if (this.#running) return;
    this.#running = true;
    const unhandled: unknown[] = [];
    for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
      try {
        input.run();
      } catch (error) {
        try {
          input.onFailure(error);
        } catch (failure) {
          unhandled.push(failure);
        }
      }
    }
    this.#running = false;
    // A handler of failures that fails is a bug to be seen, once everybody else has been served.
    if (unhandled.length > 0) throw unhandled[0];
  }
}
