/**
 * Stanzas to be sent when the present input is dealt with. The router delivers at once, and an answer may come before `send` returns:
 * one input is finished first, and what it sends goes out in order.
 */
import type { XmlElement } from '@conclave/protocols/xml';

export class Outbox {
  readonly #send: (stanza: XmlElement) => void;
  readonly #waiting: XmlElement[] = [];
  #depth = 0;
  #isDraining = false;

  constructor(send: (stanza: XmlElement) => void) {
    this.#send = send;
  }

  push(stanza: XmlElement): void {
    this.#waiting.push(stanza);
  }

  /** Runs one input; what it pushes goes out afterwards. */
  run(action: () => void): void {
    this.#depth++;
    try {
      action();
    } finally {
      this.#depth--;
      if (this.#depth === 0 && !this.#isDraining) this.#drain();
    }
  }

  #drain(): void {
    this.#isDraining = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#send(next);
      }
    } finally {
      this.#isDraining = false;
    }
  }
}
