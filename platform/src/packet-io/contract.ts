/**
 * What the packet-io addon offers: datagrams in batches, SRTP, DTLS. It has no policy; TypeScript
 * decides which packet goes to whom and writes records. See docs/adr/0002-packet-io.md.
 *
 * Memory. All packets live in one arena of fixed slots. The addon takes free slots when it
 * receives; the owner (TypeScript) gives every slot of a batch back with `releaseSlot`, at once or
 * later: a slot that is kept (retransmission cache) is simply not yet released.
 */

/** Bytes per slot; a datagram longer than this is dropped and counted. */
export const SLOT_SIZE = 2048;

/** What arrived (RFC 7983), as found in a receive record. */
export const PacketKind = { stun: 0, rtp: 1, rtcp: 2, applicationData: 3 } as const;

/** Fields of one receive record in `rx`, in 32-bit words. */
export const RX_WORDS = 5;
export const Rx = {
  /** Arena slot: the packet starts at byte `slot * SLOT_SIZE`. RTP and RTCP are already decrypted. */
  slot: 0,
  /** Bytes, without the SRTP tag and trailer. */
  length: 1,
  /** A PacketKind. */
  kind: 2,
  /** Peer handle, or -1 for STUN from an address that no peer is bound to. */
  peer: 3,
  /** How long it waited in the socket before this batch, in µs; 0 when the system does not tell. */
  ageMicros: 4,
} as const;

/**
 * What is sent, in 32-bit words of `txPackets`: one packet for any number of receivers. The addon writes
 * `RTP header | extension elements | prefix | payload (counters moved) | padding`, encrypts and sends.
 */
export const TX_PACKET_WORDS = 8;
export const TxPacket = {
  /** Arena slot that holds the payload. */
  slot: 0,
  /** `offset << 16 | length` of the payload in the slot, in bytes. */
  payload: 1,
  /** `marker << 31 | payloadType << 16 | sequence number`. */
  markerTypeSequence: 2,
  timestamp: 3,
  /**
   * Where the payload holds a counter that each receiver sees moved: `offset << 8 | bits`, 0 for none. It is the low
   * 1..16 bits of one byte, or of two (big-endian) from 9 bits on; `offset` counts from the payload's start.
   */
  counterA: 4,
  counterB: 5,
  /** `prefix << 16 | hasPrefix << 8 | padding bytes (0..255)`. The prefix is RTX's original sequence number (RFC 4588 §4). */
  prefixPadding: 6,
  /**
   * A header extension element that goes along as it came: `id << 28 | offset << 8 | bytes`, where it lies in the slot
   * (offset up to 2047, 1..255 bytes); 0 for none. Then `addA` is added to its second and third byte, big-endian,
   * and not to the payload: AV1's frame number.
   */
  extension: 7,
} as const;

/** At most so many packets in one run. */
export const RUN_PACKETS = 64;

/**
 * To whom, in 32-bit words of `txRuns`: consecutive packets of `txPackets`, in ascending order of their numbers, to one
 * receiver under its numbers. Usually the packets of a frame, and one run for each receiver.
 */
export const TX_RUN_WORDS = 10;
export const TxRun = {
  /** `first << 8 | count`: index in `txPackets`, and 1..RUN_PACKETS. */
  packets: 0,
  /** Peer handle. */
  peer: 1,
  ssrc: 2,
  /** Of the first packet; the others keep their distance from it. */
  sequence: 3,
  /** SRTP roll-over counter that belongs to `sequence` (RFC 3711 §3.3.1). */
  rolloverCounter: 4,
  /** Added to the packets' timestamps. */
  timestampOffset: 5,
  /**
   * A one-byte header extension element (RFC 8285 §4.2): `id << 28 | (bytes - 1) << 24 | value`,
   * value left-aligned in 24 bits, 1..3 bytes; 0 for none. One of two bytes is a number that grows by one with each packet.
   */
  extensionA: 6,
  /** The same for every packet. */
  extensionB: 7,
  /** Added to the packets' `counterA`, modulo its bits. */
  addA: 8,
  /** `setMarker << 15 | added`: the upper bit gives the run's last packet the marker; the rest is added to `counterB`. */
  addB: 9,
} as const;

/**
 * Address record, one per slot, in `addresses`: family (4 or 6), local address, port (big-endian), 16 address bytes (IPv4 in
 * the first 4). The local address is a number for that one of ours which the datagram came to, where `localAddresses` are told apart; a
 * datagram sent to the record leaves from it. 0: whichever the system takes.
 */
export const ADDRESS_BYTES = 20;

/** Instances that can share a port. */
export const MAX_STATIONS = 16;

/** One end of a relay, as plain data for the other end. */
export interface RelayEnd {
  readonly station: number;
  /** The peer there. */
  readonly peer: number;
  /** Tells it from other relays, past and present, of this process. */
  readonly id: number;
}

export type SrtpProfile = 'AEAD_AES_128_GCM' | 'AES128_CM_HMAC_SHA1_80';

export interface PacketIoOptions {
  /** UDP port; 0 lets the kernel choose (see `port`). */
  readonly port: number;
  /** Local address to bind, default `::` (dual stack) where IPv6 exists, else `0.0.0.0`. */
  readonly address?: string;
  /** Slots in the arena; a power of two, default 16384 (32 MiB of address space, touched as used). */
  readonly slotCount?: number;
  /** Records in `txPackets`, and in `txRuns`, default 16384. */
  readonly txCapacity?: number;
  /** PEM certificate and private key for DTLS. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Largest UDP payload to send in one segment run member, default 1472. */
  readonly maxDatagram?: number;
  /** False forces the fallback to sendmmsg without UDP_SEGMENT; default true (probed at start). */
  readonly segmentation?: boolean;
  /**
   * Packets of one run whose sizes differ by at most this many bytes are made equal with RTP padding, so
   * that they are one message to the kernel; 0..16, default 1 (how encoders cut frames). A run of one packet is never padded: what
   * is to be sent again under the same number must have been one.
   */
  readonly equalizeBytes?: number;
  /**
   * When packets come one by one and thousands of times a second, is waited for more before they are read, so long
   * at most (0..2000 µs, default 1000; 0 never waits): waking up costs more than a packet. How long depends on what there is
   * to do: until it is worth a wake-up, and not at all when the processor is busy.
   */
  readonly batchWindowUs?: number;
  /**
   * Shares the port with other instances of this process, of which each has another number, 0..MAX_STATIONS - 1; absent: the
   * port is ours alone. What reaches the wrong one is handed over: by address, and STUN by what it says. So the ICE user names
   * of station n begin with the letter n of the alphabet (0 is `a`), its STUN transaction ids with the byte n.
   */
  readonly station?: number;
  /**
   * Whether datagrams to different addresses of this machine are told apart, and answered from where they came to. Default: when it has
   * several others can reach, and `address` names none.
   */
  readonly localAddresses?: boolean;
  /** SRTP profiles to offer and accept in DTLS, the best first; default GCM, then CM. */
  readonly srtpProfiles?: readonly SrtpProfile[];
}

export interface PacketIoEvents {
  /**
   * `count` records are in `rx` (from word 0). Every slot must be released by the callee in time.
   * Called from the event loop, once per drain of the socket. `nowMs` is `performance.now()` of this
   * thread. DTLS events of the same drain come first.
   */
  onBatch(count: number, nowMs: number): void;
  /** The DTLS handshake ended well and SRTP is on. */
  onDtlsConnected(peer: number, profile: SrtpProfile): void;
  /**
   * Handshake failed, or the other side ended the association. The peer stays until `removePeer`.
   * `reason` is `closed` (close_notify), `fingerprint mismatch`, `no usable fingerprint`, `timeout`,
   * or OpenSSL's words.
   */
  onDtlsClosed(peer: number, reason: string): void;
}

export interface DtlsOptions {
  /** The side we play. The bridge is `server` unless the client answered `passive`. */
  readonly role: 'client' | 'server';
  /** Accepted certificate digests of the other side, e.g. `{ hash: 'sha-256', value: 'AB:CD:…' }`. At least one. */
  readonly fingerprints: readonly { readonly hash: string; readonly value: string }[];
}

/** Totals since creation. Bytes are UDP payload. */
export interface PacketIoCounters {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
  /** Datagrams from addresses bound to no peer that are not STUN. */
  readonly rxUnknownAddress: number;
  /** Failed authentication. */
  readonly rxAuthFailed: number;
  readonly rxReplayed: number;
  /** Malformed, oversized, or not allowed before DTLS is done. */
  readonly rxInvalid: number;
  /** No free slot: dropped. */
  readonly rxNoSlot: number;
  /** Kernel refused or buffer full. */
  readonly txDropped: number;
  /** Packets that did not pass the checks, and runs. */
  readonly txInvalid: number;
  /** System calls, to see batching. */
  readonly rxCalls: number;
  readonly txCalls: number;
  /** Messages given to the kernel; one may hold up to 64 packets (UDP_SEGMENT). */
  readonly txMessages: number;
  /** How often was waited for more packets; see `batchWindowUs`. */
  readonly rxWaits: number;
  /** Datagrams that were another station's: given to it, and lost because too many wait there. */
  readonly handedOver: number;
  readonly handoverDropped: number;
  /** Packets sent over relays, and lost because too many wait at the other end, or because it is gone. */
  readonly relayed: number;
  readonly relayDropped: number;
  /** Times that this station read the socket of another one that stood still. */
  readonly rxStoodIn: number;
}

export interface PacketIo {
  /** The bound UDP port. */
  readonly port: number;
  /** The whole arena; slot n is bytes [n * SLOT_SIZE, (n + 1) * SLOT_SIZE). */
  readonly arena: Uint8Array;
  readonly slotCount: number;
  readonly rx: Int32Array;
  readonly txPackets: Int32Array;
  readonly txRuns: Int32Array;
  readonly txCapacity: number;
  /** See ADDRESS_BYTES; valid for the slots of the current batch. */
  readonly addresses: Uint8Array;
  /** SHA-256 digest of our DTLS certificate, `AB:CD:…`. */
  readonly fingerprint: string;

  /** A new peer without address or keys; handles are small integers, reused after removal. */
  addPeer(): number;
  removePeer(peer: number): void;
  /**
   * Packets from this address belong to the peer from now on (even if they were another peer's), and
   * packets to the peer go there (ADDRESS_BYTES long). The address before stays allowed. Only call it
   * when the other side proved that it is there (a checked ICE pair).
   */
  bindAddress(peer: number, address: Uint8Array): void;
  /**
   * Also accepts packets from this address for the peer, without sending there. At most 8 addresses per
   * peer: the oldest goes. False, and nothing changes, when the address is another peer's: an
   * unproven address (spoofed source) must not take packets away from somebody.
   */
  allowAddress(peer: number, address: Uint8Array): boolean;
  /** Starts DTLS towards the bound address; flights are retransmitted on `tick`. */
  startDtls(peer: number, options: DtlsOptions): void;
  /** Sets SRTP keys directly, without DTLS (benchmarks, tests). Master key 16 bytes, salt 12 (GCM) or 14 (CM). */
  setSrtpKeys(
    peer: number,
    profile: SrtpProfile,
    keys: { rxKey: Uint8Array; rxSalt: Uint8Array; txKey: Uint8Array; txSalt: Uint8Array },
  ): void;

  /** Sends the first `runs` records of `txRuns`, grouped by peer in order. Returns packets handed to the kernel. */
  flush(runs: number): number;
  /** Protects and sends one compound RTCP packet. False when the peer has no keys or address. */
  sendRtcp(peer: number, packet: Uint8Array): boolean;
  /**
   * Sends one DTLS record of 1..SLOT_SIZE bytes (data channels). False when DTLS is not connected; a
   * record that the network drops is not sent again.
   */
  sendApplicationData(peer: number, data: Uint8Array): boolean;
  /**
   * Makes the peer one end of a relay to another station, instead of binding an address. Returns what the other end has to
   * know; undefined when this instance is no station.
   */
  openRelay(peer: number): RelayEnd | undefined;
  /** Tells the peer, which is a relay, where its other end is. */
  connectRelay(peer: number, other: RelayEnd): void;
  /**
   * Sends the decrypted RTP packet in `slot` to the other end of the relay, where it arrives as if just received. It is
   * read by the next `flushRelays`: keep the slot until then. RTCP takes `sendRtcp`.
   */
  relay(peer: number, slot: number, length: number): void;
  flushRelays(): void;
  /** Sends a datagram as it is (STUN). */
  sendRaw(address: Uint8Array, packet: Uint8Array): boolean;
  /** A free slot for packets we make ourselves, or -1; release it as usual. */
  takeSlot(): number;
  /** Gives a slot back. Releasing a slot that is not taken is a bug and throws. */
  releaseSlot(slot: number): void;
  /** Free slots now; for statistics, and to give up cached packets before receiving suffers. */
  readonly freeSlots: number;
  /** Drives DTLS retransmission; call about every 50 ms while a handshake is under way. */
  tick(nowMs: number): void;
  counters(): PacketIoCounters;
  /** Stops, closes the socket and frees everything. Idempotent. */
  close(): void;
}

/** A self-signed ECDSA P-256 certificate, both parts PEM. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Subject alternative names, OpenSSL syntax: `DNS:localhost`, `IP:127.0.0.1`. May be empty. */
  readonly alternativeNames: readonly string[];
  readonly validDays: number;
}
