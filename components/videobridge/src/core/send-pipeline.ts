/**
 * The last step of a packet's way: writes send descriptors into packet-io's `tx`, flushes them in one
 * call per batch and gives slots back afterwards.
 */
import { type PacketPort, TX_WORDS, Tx } from './packet-port.ts';
import type { SlotLedger } from './slot-ledger.ts';

/** An RTP header with the extension of congestion control. */
export const RTP_HEADER_BYTES = 20;

/** A one-byte header extension element of one byte of data, as a descriptor word. */
export function extensionWord8(id: number, value: number): number {
  return (id << 28) | ((value & 0xff) << 16);
}

/** The same with two bytes of data. */
export function extensionWord16(id: number, value: number): number {
  return (id << 28) | (1 << 24) | ((value & 0xffff) << 8);
}

/** A patch of `bytes` (1 or 2) payload bytes at `offset`. */
export function patchWord(offset: number, bytes: number, value: number): number {
  return (offset << 24) | (bytes << 16) | (value & 0xffff);
}

/** `prefixPadding` of an RTX packet with this original sequence number. */
export function rtxPrefixWord(originalSeq: number): number {
  return ((originalSeq & 0xffff) << 16) | (1 << 8);
}

export class SendPipeline {
  readonly #port: PacketPort;
  readonly #ledger: SlotLedger;
  readonly #tx: Int32Array;
  readonly #capacity: number;
  #count = 0;

  constructor(port: PacketPort, ledger: SlotLedger) {
    this.#port = port;
    this.#ledger = ledger;
    this.#tx = port.tx;
    this.#capacity = port.txCapacity;
  }

  /**
   * Queues one packet. `extendedSeq` is 0..2^48-1: its upper part is the SRTP roll-over counter.
   * `timestamp` and `ssrc` may be signed or unsigned.
   */
  write(
    slot: number,
    payloadOffset: number,
    payloadLength: number,
    peer: number,
    marker: boolean,
    payloadType: number,
    extendedSeq: number,
    timestamp: number,
    ssrc: number,
    extensionA: number,
    extensionB: number,
    patchA: number,
    patchB: number,
    prefixPadding: number,
  ): void {
    if (this.#count === this.#capacity) this.flush();
    const tx = this.#tx;
    const at = this.#count * TX_WORDS;
    tx[at + Tx.slot] = slot;
    tx[at + Tx.payload] = (payloadOffset << 16) | payloadLength;
    tx[at + Tx.peer] = peer;
    tx[at + Tx.markerTypeSequence] =
      (marker ? 0x80000000 : 0) | (payloadType << 16) | (extendedSeq & 0xffff);
    tx[at + Tx.timestamp] = timestamp;
    tx[at + Tx.ssrc] = ssrc;
    tx[at + Tx.rolloverCounter] = Math.floor(extendedSeq / 65536);
    tx[at + Tx.extensionA] = extensionA;
    tx[at + Tx.extensionB] = extensionB;
    tx[at + Tx.patchA] = patchA;
    tx[at + Tx.patchB] = patchB;
    tx[at + Tx.prefixPadding] = prefixPadding;
    this.#count++;
  }

  /** Sends what is queued, then settles the slots. At the end of every batch and tick. */
  flush(): void {
    if (this.#count > 0) {
      const count = this.#count;
      this.#count = 0;
      this.#port.flush(count);
    }
    this.#ledger.settle();
  }
}
