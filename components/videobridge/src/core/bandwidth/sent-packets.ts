/**
 * What was sent to one receiver lately, by transport-wide sequence number
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): when, how large, for which probe, and what
 * became of it. No allocation per packet, and little memory for a receiver that is sent little: with many
 * receivers the time goes into fetching it.
 */

/** At most; a power of two: 0.8 s at 20 Mbit/s. */
export const SENT_PACKETS = 2048;
/** To begin with; a power of two. */
const FIRST_CAPACITY = 256;
/** What was sent so lately may still be asked for. */
const NEEDED_MS = 1000;

export const PacketState = { none: 0, inFlight: 1, lost: 2, received: 3 } as const;

export class SentPackets {
  #mask = FIRST_CAPACITY - 1;
  #sentMs = new Float64Array(FIRST_CAPACITY).fill(Number.NEGATIVE_INFINITY);
  /** Pairs of `seq << 16 | sizeBytes` and `cluster << 2 | state`. */
  #words = new Int32Array(2 * FIRST_CAPACITY);

  /** `seq` is 0..65535, `sizeBytes` at most 65535, `cluster` 0..65535 with 0 for no probe. */
  put(seq: number, sizeBytes: number, cluster: number, nowMs: number): void {
    while (nowMs - this.#sentMs[seq & this.#mask]! < NEEDED_MS && this.#mask < SENT_PACKETS - 1) {
      this.#grow();
    }
    const at = seq & this.#mask;
    this.#sentMs[at] = nowMs;
    this.#words[2 * at] = (seq << 16) | sizeBytes;
    this.#words[2 * at + 1] = (cluster << 2) | PacketState.inFlight;
  }

  /** The place of `seq` for the accessors below, or -1 when it was never sent or is forgotten. */
  find(seq: number): number {
    const at = seq & this.#mask;
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

  #grow(): void {
    const { length } = this.#sentMs;
    const sentMs = new Float64Array(2 * length).fill(Number.NEGATIVE_INFINITY);
    const words = new Int32Array(4 * length);
    this.#mask = 2 * length - 1;
    for (let old = 0; old < length; old++) {
      const at = (this.#words[2 * old]! >>> 16) & this.#mask;
      if (this.state(old) === PacketState.none) continue;
      sentMs[at] = this.#sentMs[old]!;
      words[2 * at] = this.#words[2 * old]!;
      words[2 * at + 1] = this.#words[2 * old + 1]!;
    }
    this.#sentMs = sentMs;
    this.#words = words;
  }
}
