/** For tests: an instance on 127.0.0.1 that records what arrives and wakes whoever waits for it. */
import {
  ADDRESS_BYTES,
  type PacketIo,
  type PacketIoOptions,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  type SrtpProfile,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from './contract.ts';
import { createPacketIo, createSelfSignedCertificate } from './packet-io.ts';

export const certificate = createSelfSignedCertificate({
  commonName: 'test',
  alternativeNames: [],
  validDays: 7,
});

export interface ReceivedPacket {
  readonly kind: number;
  readonly peer: number;
  readonly bytes: Uint8Array;
  readonly address: Uint8Array;
  readonly ageMicros: number;
}

/** 127.0.0.1 and the port, as an address record. */
export function loopbackAddress(port: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set([4, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
  return address;
}

export class LoopbackNode {
  readonly io: PacketIo;
  readonly received: ReceivedPacket[] = [];
  readonly connected: { readonly peer: number; readonly profile: SrtpProfile }[] = [];
  readonly closed: { readonly peer: number; readonly reason: string }[] = [];
  /** Called for each batch before its slots are released. */
  onBatch: ((count: number) => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(options: Partial<PacketIoOptions> = {}) {
    this.io = createPacketIo(
      {
        port: 0,
        address: '127.0.0.1',
        slotCount: 1024,
        txCapacity: 1024,
        ...certificate,
        ...options,
      },
      {
        onBatch: (count) => this.#record(count),
        onDtlsConnected: (peer, profile) => {
          this.connected.push({ peer, profile });
          this.#wake?.();
        },
        onDtlsClosed: (peer, reason) => {
          this.closed.push({ peer, reason });
          this.#wake?.();
        },
      },
    );
  }

  get address(): Uint8Array {
    return loopbackAddress(this.io.port);
  }

  #record(count: number): void {
    const { io } = this;
    this.onBatch?.(count);
    for (let i = 0; i < count; i++) {
      const at = i * RX_WORDS;
      const slot = io.rx[at + Rx.slot]!;
      const start = slot * SLOT_SIZE;
      this.received.push({
        kind: io.rx[at + Rx.kind]!,
        peer: io.rx[at + Rx.peer]!,
        ageMicros: io.rx[at + Rx.ageMicros]!,
        bytes: io.arena.slice(start, start + io.rx[at + Rx.length]!),
        address: io.addresses.slice(slot * ADDRESS_BYTES, (slot + 1) * ADDRESS_BYTES),
      });
      io.releaseSlot(slot);
    }
    this.#wake?.();
  }

  /** Resolves when the condition holds; it is asked again whenever something arrived. */
  async until(condition: (node: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when all that was sent to this node before was handled: a marker arrives behind it. */
  async settled(): Promise<void> {
    const marker = Uint8Array.of(
      0,
      255,
      ...Uint8Array.from({ length: 6 }, () => Math.random() * 256),
    );
    this.io.sendRaw(this.address, marker);
    const isMarker = (p: ReceivedPacket) =>
      p.kind === 0 && p.bytes.length === 8 && p.bytes.every((b, i) => b === marker[i]);
    await this.until(() => this.received.some(isMarker));
    this.received.splice(this.received.findIndex(isMarker), 1);
  }
}

export interface PacketFields {
  readonly slot: number;
  readonly length: number;
  readonly offset?: number;
  readonly marker?: boolean;
  readonly payloadType?: number;
  readonly seq?: number;
  readonly timestamp?: number;
  readonly counterA?: number;
  readonly counterB?: number;
  readonly prefix?: number;
  readonly padding?: number;
  /** `id << 28 | offset << 8 | bytes` of an element in the slot. */
  readonly extension?: number;
}

export interface RunFields {
  readonly peer: number;
  readonly ssrc?: number;
  readonly seq?: number;
  readonly roc?: number;
  readonly timestampOffset?: number;
  readonly extensionA?: number;
  readonly extensionB?: number;
  readonly addA?: number;
  readonly addB?: number;
}

/** Writes record `index` of `io.txPackets`. */
export function writePacket(io: PacketIo, index: number, d: PacketFields): void {
  const at = index * TX_PACKET_WORDS;
  const { txPackets } = io;
  txPackets[at + TxPacket.slot] = d.slot;
  txPackets[at + TxPacket.payload] = ((d.offset ?? 0) << 16) | d.length;
  txPackets[at + TxPacket.markerTypeSequence] =
    ((d.marker ? 1 : 0) << 31) | ((d.payloadType ?? 100) << 16) | (d.seq ?? 0);
  txPackets[at + TxPacket.timestamp] = d.timestamp ?? 0;
  txPackets[at + TxPacket.counterA] = d.counterA ?? 0;
  txPackets[at + TxPacket.counterB] = d.counterB ?? 0;
  txPackets[at + TxPacket.extension] = d.extension ?? 0;
  txPackets[at + TxPacket.prefixPadding] =
    (d.prefix === undefined ? 0 : (d.prefix << 16) | (1 << 8)) | (d.padding ?? 0);
}

/** Writes record `index` of `io.txRuns`: the packets `first` to `first + count - 1`. */
export function writeRun(
  io: PacketIo,
  index: number,
  first: number,
  count: number,
  d: RunFields,
): void {
  const at = index * TX_RUN_WORDS;
  const { txRuns } = io;
  txRuns[at + TxRun.packets] = (first << 8) | count;
  txRuns[at + TxRun.peer] = d.peer;
  txRuns[at + TxRun.ssrc] = d.ssrc ?? 1234;
  txRuns[at + TxRun.sequence] = d.seq ?? 0;
  txRuns[at + TxRun.rolloverCounter] = d.roc ?? 0;
  txRuns[at + TxRun.timestampOffset] = d.timestampOffset ?? 0;
  txRuns[at + TxRun.extensionA] = d.extensionA ?? 0;
  txRuns[at + TxRun.extensionB] = d.extensionB ?? 0;
  txRuns[at + TxRun.addA] = d.addA ?? 0;
  txRuns[at + TxRun.addB] = d.addB ?? 0;
}

export interface Single extends PacketFields, RunFields {}

/** One packet to one peer: record `index` of both. */
export function writeSingle(io: PacketIo, index: number, d: Single): void {
  writePacket(io, index, d);
  writeRun(io, index, index, 1, d);
}

/** A slot filled with `bytes`. */
export function filledSlot(io: PacketIo, bytes: Uint8Array): number {
  const slot = io.takeSlot();
  io.arena.set(bytes, slot * SLOT_SIZE);
  return slot;
}

export const SALT_BYTES = { AEAD_AES_128_GCM: 12, AES128_CM_HMAC_SHA1_80: 14 } as const;

/** Connects two nodes with fixed keys, both ways. Returns the peer handles. */
export function joinWithKeys(a: LoopbackNode, b: LoopbackNode, profile: SrtpProfile) {
  const key = (seed: number, length: number) => Uint8Array.from({ length }, (_, i) => seed + i);
  const salt = SALT_BYTES[profile];
  const peerOfA = a.io.addPeer();
  const peerOfB = b.io.addPeer();
  a.io.bindAddress(peerOfA, b.address);
  b.io.bindAddress(peerOfB, a.address);
  const ab = { key: key(1, 16), salt: key(50, salt) };
  const ba = { key: key(100, 16), salt: key(150, salt) };
  a.io.setSrtpKeys(peerOfA, profile, {
    rxKey: ba.key,
    rxSalt: ba.salt,
    txKey: ab.key,
    txSalt: ab.salt,
  });
  b.io.setSrtpKeys(peerOfB, profile, {
    rxKey: ab.key,
    rxSalt: ab.salt,
    txKey: ba.key,
    txSalt: ba.salt,
  });
  return { peerOfA, peerOfB };
}
