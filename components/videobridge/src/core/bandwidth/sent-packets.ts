/**
 * What was sent to one receiver lately, by transport-wide sequence number
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): when, how large, for which probe, and what
 * became of it. Fixed memory, no allocation per packet, and little of it touched: with many receivers
 * the time goes into fetching their memory.
 */

/** A power of two: 0.8 s at 20 Mbit/s. */
export const SENT_PACKETS = 2048;

const MASK = SENT_PACKETS - 1;

export const PacketState = { none: 0, inFlight: 1, lost: 2, received: 3 } as const;

export class SentPackets {
  readonly #sentMs = new Float64Array(SENT_PACKETS);
  /** Pairs of `seq << 16 | sizeBytes` and `cluster << 2 | state`. */
  readonly #words = new Int32Array(2 * SENT_PACKETS);

  /** `seq` is 0..65535, `sizeBytes` at most 65535, `cluster` 0..65535 with 0 for no probe. */
  put(seq: number, sizeBytes: number, cluster: number, nowMs: number): void {
    const at = seq & MASK;
    this.#sentMs[at] = nowMs;
    this.#words[2 * at] = (seq << 16) | sizeBytes;
    this.#words[2 * at + 1] = (cluster << 2) | PacketState.inFlight;
  }

  /** The place of `seq` for the accessors below, or -1 when it was never sent or is forgotten. */
  find(seq: number): number {
    const at = seq & MASK;
    return this.state(at) !== PacketState.none && this.#words[2 * at]! >>> 16 === seq ? at : -1;
  }

  sentMs(at: number): number {
    return this.#sentMs[at]!;
  }

  sizeBytes(at: number): number {
    return this.#words[2 * at]! & 0xffff;
  }

  cluster(at: number): number {
    return this.#words[2 * at + 1]! >> 2;
  }

  state(at: number): number {
    return this.#words[2 * at + 1]! & 3;
  }

  setState(at: number, state: number): void {
    this.#words[2 * at + 1] = (this.#words[2 * at + 1]! & ~3) | state;
  }
}
