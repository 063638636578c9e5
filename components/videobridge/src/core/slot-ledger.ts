/**
 * Who holds which slot of packet memory. Slots are given back only after the records that point
 * at them were sent, and exactly once; the counts make a leak visible.
 */
import type { PacketPort } from './packet-port.ts';

const WITH_PACKET_IO = 0;
const IN_HAND = 1;
const CACHED = 2;

export class SlotLedger {
  readonly #port: Pick<PacketPort, 'releaseSlot' | 'slotCount'>;
  readonly #state: Uint8Array;
  readonly #releases: Int32Array;
  #releaseCount = 0;
  #inHand = 0;
  #cached = 0;

  constructor(port: Pick<PacketPort, 'releaseSlot' | 'slotCount'>) {
    this.#port = port;
    this.#state = new Uint8Array(port.slotCount);
    this.#releases = new Int32Array(port.slotCount);
  }

  /** Slots received and neither cached nor released. 0 between batches. */
  get inHand(): number {
    return this.#inHand;
  }

  /** Slots in retransmission caches. */
  get cached(): number {
    return this.#cached;
  }

  /** A slot that packet-io just handed over. */
  receive(slot: number): void {
    this.#state[slot] = IN_HAND;
    this.#inHand++;
  }

  /** The slot moves to a cache, which releases it later. */
  keep(slot: number): void {
    if (this.#state[slot] !== IN_HAND) return;
    this.#state[slot] = CACHED;
    this.#inHand--;
    this.#cached++;
  }

  /** Releases a slot if it is still in hand; what a cache holds stays. */
  releaseUnlessKept(slot: number): void {
    if (this.#state[slot] === IN_HAND) this.release(slot);
  }

  /** The slot is free after the next `settle`. A slot that is not held is left alone. */
  release(slot: number): void {
    const state = this.#state[slot];
    if (state === IN_HAND) this.#inHand--;
    else if (state === CACHED) this.#cached--;
    else return;
    this.#state[slot] = WITH_PACKET_IO;
    this.#releases[this.#releaseCount++] = slot;
  }

  /** Gives the released slots back. Only when no unsent record points at them. */
  settle(): void {
    const count = this.#releaseCount;
    this.#releaseCount = 0;
    for (let i = 0; i < count; i++) this.#port.releaseSlot(this.#releases[i]!);
  }
}
