/**
 * What was sent to one receiver lately, by transport-wide sequence number
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): when, how large, for which probe, and what
 * became of it. Fixed memory, no allocation per packet.
 */

/** A power of two: 0.8 s at 20 Mbit/s. */
export const SENT_PACKETS = 2048;

const MASK = SENT_PACKETS - 1;

export const PacketState = { none: 0, inFlight: 1, lost: 2, received: 3 } as const;

export class SentPackets {
  readonly #sentMs = new Float64Array(SENT_PACKETS);
  readonly #seqs = new Uint16Array(SENT_PACKETS);
  readonly #sizes = new Uint16Array(SENT_PACKETS);
  /** 0 for packets that belong to no probe. */
  readonly #clusters = new Uint16Array(SENT_PACKETS);
  readonly #states = new Uint8Array(SENT_PACKETS);

  /** `seq` is 0..65535, `sizeBytes` at most 65535, `cluster` 0..65535. */
  put(seq: number, sizeBytes: number, cluster: number, nowMs: number): void {
    const at = seq & MASK;
    this.#sentMs[at] = nowMs;
    this.#seqs[at] = seq;
    this.#sizes[at] = sizeBytes;
    this.#clusters[at] = cluster;
    this.#states[at] = PacketState.inFlight;
  }

  /** The place of `seq` for the accessors below, or -1 when it was never sent or is forgotten. */
  find(seq: number): number {
    const at = seq & MASK;
    return this.#states[at] !== PacketState.none && this.#seqs[at] === seq ? at : -1;
  }

  sentMs(at: number): number {
    return this.#sentMs[at]!;
  }

  sizeBytes(at: number): number {
    return this.#sizes[at]!;
  }

  cluster(at: number): number {
    return this.#clusters[at]!;
  }

  state(at: number): number {
    return this.#states[at]!;
  }

  setState(at: number, state: number): void {
    this.#states[at] = state;
  }
}
