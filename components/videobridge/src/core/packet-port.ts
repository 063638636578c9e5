/**
 * What the core needs of packet-io: its interface and word layout, as `@conclave/platform/packet-io`
 * defines them. Repeated here because a core depends on no platform; a test compares the two.
 */

export const SLOT_SIZE = 2048;
export const PacketKind = { stun: 0, rtp: 1, rtcp: 2, applicationData: 3 } as const;

export const RX_WORDS = 5;
export const Rx = { slot: 0, length: 1, kind: 2, peer: 3, ageMicros: 4 } as const;

export const TX_PACKET_WORDS = 8;
export const TxPacket = {
  slot: 0,
  payload: 1,
  markerTypeSequence: 2,
  timestamp: 3,
  counterA: 4,
  counterB: 5,
  prefixPadding: 6,
  extension: 7,
} as const;

export const RUN_PACKETS = 64;
export const TX_RUN_WORDS = 10;
export const TxRun = {
  packets: 0,
  peer: 1,
  ssrc: 2,
  sequence: 3,
  rolloverCounter: 4,
  timestampOffset: 5,
  extensionA: 6,
  extensionB: 7,
  addA: 8,
  addB: 9,
} as const;

export const ADDRESS_BYTES = 20;

export interface PacketPortCounters {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
  readonly rxUnknownAddress: number;
  readonly rxAuthFailed: number;
  readonly rxReplayed: number;
  readonly rxInvalid: number;
  readonly rxNoSlot: number;
  readonly txDropped: number;
  readonly txInvalid: number;
  readonly rxCalls: number;
  readonly txCalls: number;
}

export interface RelayEnd {
  readonly station: number;
  readonly peer: number;
  readonly id: number;
}

/** See `PacketIo` for the meaning of each member. */
export interface PacketPort {
  readonly port: number;
  readonly arena: Uint8Array;
  readonly slotCount: number;
  readonly freeSlots: number;
  readonly rx: Int32Array;
  readonly txPackets: Int32Array;
  readonly txRuns: Int32Array;
  readonly txCapacity: number;
  readonly addresses: Uint8Array;
  readonly fingerprint: string;
  addPeer(): number;
  removePeer(peer: number): void;
  bindAddress(peer: number, address: Uint8Array): void;
  allowAddress(peer: number, address: Uint8Array): boolean;
  startDtls(
    peer: number,
    options: {
      readonly role: 'client' | 'server';
      readonly fingerprints: readonly { readonly hash: string; readonly value: string }[];
    },
  ): void;
  flush(runs: number): number;
  sendRtcp(peer: number, packet: Uint8Array): boolean;
  sendApplicationData(peer: number, data: Uint8Array): boolean;
  sendRaw(address: Uint8Array, packet: Uint8Array): boolean;
  openRelay(peer: number): RelayEnd | undefined;
  connectRelay(peer: number, other: RelayEnd): void;
  relay(peer: number, slot: number, length: number): void;
  flushRelays(): void;
  /** A free slot for a packet of our own, or -1. */
  takeSlot(): number;
  releaseSlot(slot: number): void;
  tick(nowMs: number): void;
  counters(): PacketPortCounters;
}
