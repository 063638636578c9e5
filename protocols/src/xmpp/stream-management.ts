/**
 * Counters and the unacknowledged queue of stream management (XEP-0198 v1.6 §4-5), for both sides.
 *
 * Counting covers iq, message and presence after `<enabled/>`. Counters are 32 bits and wrap.
 */

/** 2^32: `h` is xs:unsignedInt (XEP-0198 §4). */
const WRAP = 0x1_0000_0000;

export type AckResult =
  | 'ok'
  /** `h` is above what was sent: the peer is broken (XEP-0198 §4, handled-count-too-high). */
  | 'too-high'
  /** `h` is below what was acknowledged before. */
  | 'too-low';

/** `h` of an `<a/>`, `<resume/>` or `<resumed/>`; `undefined` when it is no unsigned 32-bit integer. */
export function parseHandledCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value < WRAP ? value : undefined;
}

/** What one side keeps for a stream: its own `h` and the stanzas the peer has not acknowledged. */
export class StreamManagement<T> {
  #inbound: number;
  #acknowledged: number;
  /** Sent and not acknowledged, oldest at `#head`. */
  #queue: T[] = [];
  #head = 0;

  /** Both counters start at 0; a test may begin just before the wrap. */
  constructor(inbound = 0, acknowledged = 0) {
    this.#inbound = inbound >>> 0;
    this.#acknowledged = acknowledged >>> 0;
  }

  /** `h` to report: stanzas handled, modulo 2^32. */
  get handledCount(): number {
    return this.#inbound;
  }

  /** Stanzas sent and not acknowledged. */
  get unackedCount(): number {
    return this.#queue.length - this.#head;
  }

  /** Counts one stanza of the peer. */
  countInbound(): void {
    this.#inbound = (this.#inbound + 1) >>> 0;
  }

  /** Keeps one stanza until it is acknowledged. The caller bounds the queue by `unackedCount`. */
  push(stanza: T): void {
    this.#queue.push(stanza);
  }

  /** Takes the peer's `h`; `onAcked` gets each stanza that may be forgotten. */
  acknowledge(h: number, onAcked?: (stanza: T) => void): AckResult {
    const count = (h - this.#acknowledged) >>> 0;
    // The nearer interpretation: a count beyond half the range is a step back, not 2^31 stanzas.
    if (count >= 0x8000_0000) return 'too-low';
    if (count > this.unackedCount) return 'too-high';
    if (onAcked !== undefined) {
      for (let i = 0; i < count; i++) onAcked(this.#queue[this.#head + i] as T);
    }
    this.#head += count;
    this.#acknowledged = h >>> 0;
    // Compact when most of the array is dead, so that the cost is amortised.
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    } else if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    }
    return 'ok';
  }

  /** Stanzas to send again after a resumption, oldest first; they stay in the queue. */
  unacked(): T[] {
    return this.#queue.slice(this.#head);
  }
}
