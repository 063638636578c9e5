/**
 * The last step of a packet's way: writes what is sent and to whom into packet-io's records, flushes them
 * in one call per batch, or a few when they are many, and gives slots back afterwards.
 */
import { PayloadKind } from '@conclave/protocols/rtp';
import type { IncomingPacket } from './incoming-packet.ts';
import { type PacketPort, TX_PACKET_WORDS, TX_RUN_WORDS, TxPacket, TxRun } from './packet-port.ts';
import type { RetransmissionCache } from './retransmission-cache.ts';
import type { SlotLedger } from './slot-ledger.ts';

/** So many packets to be sent are work for a third of a millisecond: the first receivers of a frame need not wait until the last is decided on. */
const FLUSH_PACKETS = 512;
/** Runs as long as this are messages of their own; packets of shorter ones may share one with what else the receiver is sent by the batch. */
const LONG_RUN = 4;

/** An RTP header with the extension of congestion control. */
export const RTP_HEADER_BYTES = 20;

/** In a run's `addB`: its last packet carries the marker, whatever it had. */
export const LAST_HAS_MARKER = 0x8000;

/** A one-byte header extension element of one byte of data, as a record's word. */
export function extensionWord8(id: number, value: number): number {
  return (id << 28) | ((value & 0xff) << 16);
}

/** The same with two bytes of data. */
export function extensionWord16(id: number, value: number): number {
  return (id << 28) | (1 << 24) | ((value & 0xffff) << 8);
}

/** The same with three bytes of data. */
export function extensionWord24(id: number, value: number): number {
  return (id << 28) | (2 << 24) | (value & 0xff_ffff);
}

/** The same with one to three ASCII characters. */
export function extensionText(id: number, text: string): number {
  let word = (id << 28) | ((text.length - 1) << 24);
  for (let i = 0; i < text.length; i++) word |= (text.charCodeAt(i) & 0x7f) << (16 - 8 * i);
  return word;
}

/** `prefixPadding` of an RTX packet with this original sequence number. */
export function rtxPrefixWord(originalSeq: number): number {
  return ((originalSeq & 0xffff) << 16) | (1 << 8);
}

export class SendPipeline {
  readonly #port: PacketPort;
  readonly #ledger: SlotLedger;
  readonly #packets: Int32Array;
  readonly #runs: Int32Array;
  readonly #capacity: number;
  #packetCount = 0;
  #runCount = 0;
  /** Of all runs. */
  #sendCount = 0;

  constructor(port: PacketPort, ledger: SlotLedger) {
    this.#port = port;
    this.#ledger = ledger;
    this.#packets = port.txPackets;
    this.#runs = port.txRuns;
    this.#capacity = port.txCapacity;
  }

  /**
   * Makes room for `count` packets (at most RUN_PACKETS, and the port's capacity), which must then be written one after
   * another; returns the number of the first, for `run`. Numbers given out before may be void then.
   */
  reserve(count: number): number {
    if (this.#packetCount + count > this.#capacity) this.flush();
    return this.#packetCount;
  }

  /** The next packet. `timestamp` may be signed or unsigned. */
  packet(
    slot: number,
    payloadOffset: number,
    payloadLength: number,
    marker: boolean,
    payloadType: number,
    seq: number,
    timestamp: number,
    counterA: number,
    counterB: number,
    prefixPadding: number,
    extension: number,
  ): void {
    const words = this.#packets;
    const at = this.#packetCount * TX_PACKET_WORDS;
    words[at + TxPacket.slot] = slot;
    words[at + TxPacket.payload] = (payloadOffset << 16) | payloadLength;
    words[at + TxPacket.markerTypeSequence] =
      (marker ? 0x80000000 : 0) | (payloadType << 16) | (seq & 0xffff);
    words[at + TxPacket.timestamp] = timestamp;
    words[at + TxPacket.counterA] = counterA;
    words[at + TxPacket.counterB] = counterB;
    words[at + TxPacket.prefixPadding] = prefixPadding;
    words[at + TxPacket.extension] = extension;
    this.#packetCount++;
  }

  /** A packet as it came. */
  incoming(packet: IncomingPacket): void {
    this.packet(
      packet.slot,
      packet.payloadOffset,
      packet.payloadLength,
      packet.marker,
      packet.payloadType,
      packet.extendedSeq,
      packet.timestamp,
      packet.counterA,
      packet.counterB,
      0,
      packet.kind === PayloadKind.av1 ? packet.extension : 0,
    );
  }

  /**
   * A packet from place `at` of a cache, under `seq`: as it came, or as RTX with another type behind a prefix. `isAv1`: its
   * header extension goes along.
   */
  cached(
    cache: RetransmissionCache,
    at: number,
    payloadType: number,
    seq: number,
    prefixPadding: number,
    isAv1: boolean,
  ): void {
    this.packet(
      cache.slot(at),
      cache.payloadOffset(at),
      cache.payloadLength(at),
      cache.marker(at),
      payloadType,
      seq,
      cache.timestamp(at),
      cache.counterA(at),
      cache.counterB(at),
      prefixPadding,
      isAv1 ? cache.extension(at) : 0,
    );
  }

  /**
   * Queues `count` packets from number `first` on for one receiver. `extendedSeq`, of the first, is 0..2^48-1: its upper
   * part is the SRTP roll-over counter. `ssrc` may be signed or unsigned.
   */
  run(
    first: number,
    count: number,
    peer: number,
    ssrc: number,
    extendedSeq: number,
    timestampOffset: number,
    extensionA: number,
    extensionB: number,
    addA: number,
    addB: number,
  ): void {
    const isEnough = this.#sendCount >= FLUSH_PACKETS && count >= LONG_RUN;
    if (isEnough || this.#runCount === this.#capacity) this.#flushRuns();
    const words = this.#runs;
    const at = this.#runCount * TX_RUN_WORDS;
    words[at + TxRun.packets] = (first << 8) | count;
    words[at + TxRun.peer] = peer;
    words[at + TxRun.ssrc] = ssrc;
    words[at + TxRun.sequence] = extendedSeq & 0xffff;
    words[at + TxRun.rolloverCounter] = Math.floor(extendedSeq / 65536);
    words[at + TxRun.timestampOffset] = timestampOffset;
    words[at + TxRun.extensionA] = extensionA;
    words[at + TxRun.extensionB] = extensionB;
    words[at + TxRun.addA] = addA;
    words[at + TxRun.addB] = addB;
    this.#runCount++;
    this.#sendCount += count;
  }

  /** Sends what is queued, then settles the slots. At the end of every batch and tick. */
  flush(): void {
    this.#flushRuns();
    this.#packetCount = 0;
    this.#ledger.settle();
  }

  /** The packets stay: more runs of them may follow. */
  #flushRuns(): void {
    const count = this.#runCount;
    this.#runCount = 0;
    this.#sendCount = 0;
    if (count > 0) this.#port.flush(count);
  }
}
