/** One stream that can be resumed: counts both ways and keeps what the server has not acknowledged (XEP-0198 §3-5). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, parseHandledCount, StreamManagement } from '@conclave/protocols/xmpp';

/** Stanzas sent between two requests for an acknowledgement. */
const ACK_REQUEST_EVERY = 5;
/** With more unacknowledged than this the stream is not worth resuming. */
const MAX_UNACKNOWLEDGED = 1000;

export class ManagedStream {
  /** Names the session when it is resumed; given by the server. */
  readonly id: string;
  readonly #counters = new StreamManagement<string>();
  #sinceAckRequest = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Stanzas received so far, as the server is told when it asks or when the stream is resumed. */
  get handledCount(): number {
    return this.#counters.handledCount;
  }

  get isResumable(): boolean {
    return this.#counters.unackedCount <= MAX_UNACKNOWLEDGED;
  }

  countInbound(): void {
    this.#counters.countInbound();
  }

  /** Keeps a stanza that was written; returns the request for an acknowledgement when one is due. */
  countOutbound(text: string): XmlElement | undefined {
    this.#counters.push(text);
    if (++this.#sinceAckRequest < ACK_REQUEST_EVERY) return undefined;
    this.#sinceAckRequest = 0;
    return xml('r', NS.sm);
  }

  /** An element of stream management from the server; returns the answer to it, if it wants one. */
  handleElement(element: XmlElement): XmlElement | undefined {
    if (element.name === 'r') return xml('a', NS.sm, { h: String(this.handledCount) });
    const h = element.name === 'a' ? parseHandledCount(element.attribute('h')) : undefined;
    if (h !== undefined) this.#counters.acknowledge(h);
    return undefined;
  }

  /**
   * The stream goes on: what has to be written again, without being counted again. Undefined when the server counted
   * other stanzas than we did.
   */
  resume(acknowledged: number | undefined): readonly string[] | undefined {
    if (acknowledged === undefined) return undefined;
    if (this.#counters.acknowledge(acknowledged) !== 'ok') return undefined;
    return [...this.#counters.unacked()];
  }
}
