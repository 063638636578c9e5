/** One receiver's view of one audio source: the same packets under continuous numbers. */
import type { Endpoint } from './endpoint.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { OutgoingStream } from './outgoing-stream.ts';

export class AudioForward {
  readonly receiver: Endpoint;
  readonly out: OutgoingStream;
  #isStarted = false;
  #epoch = 0;
  #seqOffset = 0;
  #firstSeq = 0;

  constructor(receiver: Endpoint, out: OutgoingStream) {
    this.receiver = receiver;
    this.out = out;
  }

  /** The outgoing extended number, or NaN when the packet is older than what the receiver got first. */
  project(extendedSeq: number, stream: IncomingStream): number {
    if (!this.#isStarted || this.#epoch !== stream.epoch) {
      this.#isStarted = true;
      this.#epoch = stream.epoch;
      this.#firstSeq = extendedSeq;
      this.#seqOffset = this.out.nextSeq - extendedSeq;
    }
    return extendedSeq < this.#firstSeq ? Number.NaN : extendedSeq + this.#seqOffset;
  }
}
