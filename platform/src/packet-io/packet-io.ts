/**
 * The addon behind the contract: memory shared with C, slots, DTLS events in order. Per packet only
 * typed arrays are touched; a call into C is per batch.
 */
import { markAsUntransferable } from 'node:worker_threads';
import { ConclaveError } from '@conclave/base';
import {
  ADDRESS_BYTES,
  type CertificateOptions,
  type DtlsOptions,
  type PacketIo,
  type PacketIoCounters,
  type PacketIoEvents,
  type PacketIoOptions,
  type RelayEnd,
  RX_WORDS,
  type SelfSignedCertificate,
  SLOT_SIZE,
  type SrtpProfile,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
} from './contract.ts';
import { parseFingerprints } from './fingerprint.ts';
import { loadAddon, type NativeAddon, type NativeHandle, type SharedMemory } from './load.ts';

/** As in layout.h. */
const RX_CAPACITY = 4096;
const DEFAULT_SLOT_COUNT = 16_384;
const DEFAULT_TX_CAPACITY = 16_384;
/** Ethernet's 1500 without IPv4 and UDP headers. */
const DEFAULT_MAX_DATAGRAM = 1472;

const DEFAULT_EQUALIZE_BYTES = 1;
const DEFAULT_BATCH_WINDOW_US = 1000;
/** Relayed packets that wait for one call into C; a batch seldom has more. */
const RELAY_CAPACITY = 256;
const RELAY_WORDS = 3;

/** Order of `enum Counter` in layout.h. */
const COUNTERS = [
  'rxPackets',
  'rxBytes',
  'txPackets',
  'txBytes',
  'rxUnknownAddress',
  'rxAuthFailed',
  'rxReplayed',
  'rxInvalid',
  'rxNoSlot',
  'txDropped',
  'txInvalid',
  'rxCalls',
  'txCalls',
  'txMessages',
  'rxWaits',
  'handedOver',
  'handoverDropped',
  'relayed',
  'relayDropped',
  'rxStoodIn',
] as const satisfies readonly (keyof PacketIoCounters)[];

/** RFC 5764 §4.1.2 and RFC 7714 §14.2; the names are OpenSSL's too. */
const PROFILES: Readonly<Record<SrtpProfile, { readonly id: number; readonly openssl: string }>> = {
  AEAD_AES_128_GCM: { id: 7, openssl: 'SRTP_AEAD_AES_128_GCM' },
  AES128_CM_HMAC_SHA1_80: { id: 1, openssl: 'SRTP_AES128_CM_SHA1_80' },
};
const DEFAULT_PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES128_CM_HMAC_SHA1_80'];

function createMemory(slotCount: number, txCapacity: number): SharedMemory {
  const freeSlots = new Int32Array(slotCount + 1);
  freeSlots[0] = slotCount;
  // A stack: low slots come first, so that a quiet server touches little memory.
  for (let i = 1; i <= slotCount; i++) freeSlots[i] = slotCount - i;
  const memory = {
    slotCount,
    txCapacity,
    arena: new Uint8Array(slotCount * SLOT_SIZE),
    freeSlots,
    taken: new Uint8Array(slotCount),
    rx: new Int32Array(RX_CAPACITY * RX_WORDS),
    txPackets: new Int32Array(txCapacity * TX_PACKET_WORDS),
    txRuns: new Int32Array(txCapacity * TX_RUN_WORDS),
    addresses: new Uint8Array(slotCount * ADDRESS_BYTES),
    counters: new Float64Array(COUNTERS.length),
  };
  // A transferred buffer would leave C with a dangling pointer.
  for (const array of Object.values(memory)) {
    if (typeof array !== 'number') markAsUntransferable(array.buffer);
  }
  return memory;
}

class NativePacketIo implements PacketIo {
  readonly port: number;
  readonly arena: Uint8Array;
  readonly slotCount: number;
  readonly rx: Int32Array;
  readonly txPackets: Int32Array;
  readonly txRuns: Int32Array;
  readonly txCapacity: number;
  readonly addresses: Uint8Array;
  readonly fingerprint: string;
  readonly #addon: NativeAddon;
  readonly #handle: NativeHandle;
  readonly #events: PacketIoEvents;
  readonly #freeSlots: Int32Array;
  readonly #taken: Uint8Array;
  readonly #counters: Float64Array;
  readonly #relays = new Int32Array(RELAY_CAPACITY * RELAY_WORDS);
  #relayCount = 0;
  #closed = false;

  constructor(addon: NativeAddon, options: PacketIoOptions, events: PacketIoEvents) {
    this.slotCount = options.slotCount ?? DEFAULT_SLOT_COUNT;
    this.txCapacity = options.txCapacity ?? DEFAULT_TX_CAPACITY;
    const memory = createMemory(this.slotCount, this.txCapacity);
    this.arena = memory.arena;
    this.rx = memory.rx;
    this.txPackets = memory.txPackets;
    this.txRuns = memory.txRuns;
    this.addresses = memory.addresses;
    this.#freeSlots = memory.freeSlots;
    this.#taken = memory.taken;
    this.#counters = memory.counters;
    this.#events = events;
    this.#addon = addon;
    const created = addon.create(
      {
        port: options.port,
        address: options.address,
        certificate: options.certificate,
        privateKey: options.privateKey,
        maxDatagram: options.maxDatagram ?? DEFAULT_MAX_DATAGRAM,
        segmentation: options.segmentation ?? true,
        batchWindowUs: options.batchWindowUs ?? DEFAULT_BATCH_WINDOW_US,
        station: options.station ?? -1,
        localAddresses: options.localAddresses === undefined ? -1 : Number(options.localAddresses),
        equalizeBytes: options.equalizeBytes ?? DEFAULT_EQUALIZE_BYTES,
        srtpProfiles: (options.srtpProfiles ?? DEFAULT_PROFILES)
          .map((name) => PROFILES[name].openssl)
          .join(':'),
      },
      memory,
      (count, hasEvents) => this.#onReadable(count, hasEvents),
    );
    this.#handle = created.handle;
    this.port = created.port;
    this.fingerprint = created.fingerprint;
  }

  #onReadable(count: number, hasEvents: boolean): void {
    if (hasEvents) this.#deliverEvents();
    if (count === 0) return;
    if (!this.#closed) this.#events.onBatch(count, performance.now());
  }

  #deliverEvents(): void {
    for (;;) {
      const event = this.#addon.nextEvent(this.#handle);
      if (event === undefined) return;
      const [peer, profile, reason] = event;
      if (profile === 0) {
        this.#events.onDtlsClosed(peer, reason);
      } else {
        this.#events.onDtlsConnected(
          peer,
          profile === PROFILES.AEAD_AES_128_GCM.id ? 'AEAD_AES_128_GCM' : 'AES128_CM_HMAC_SHA1_80',
        );
      }
    }
  }

  addPeer(): number {
    const peer = this.#addon.addPeer(this.#handle);
    if (peer < 0) throw new ConclaveError('PACKET_IO_TOO_MANY_PEERS', 'No more than 65536 peers.');
    return peer;
  }

  removePeer(peer: number): void {
    this.#addon.removePeer(this.#handle, peer);
  }

  bindAddress(peer: number, address: Uint8Array): void {
    this.#addon.bindAddress(this.#handle, peer, address);
  }

  allowAddress(peer: number, address: Uint8Array): boolean {
    return this.#addon.allowAddress(this.#handle, peer, address);
  }

  startDtls(peer: number, options: DtlsOptions): void {
    const { hashes, digests } = parseFingerprints(options.fingerprints);
    const server = options.role === 'server';
    const reason =
      hashes.length === 0
        ? 'no usable fingerprint'
        : this.#addon.startDtls(this.#handle, peer, server, hashes, digests)
          ? undefined
          : 'no such peer, or no memory';
    if (reason === undefined) return;
    // Never from inside the call: the caller is not done with its own state.
    queueMicrotask(() => {
      if (!this.#closed) this.#events.onDtlsClosed(peer, reason);
    });
  }

  setSrtpKeys(
    peer: number,
    profile: SrtpProfile,
    keys: { rxKey: Uint8Array; rxSalt: Uint8Array; txKey: Uint8Array; txSalt: Uint8Array },
  ): void {
    const { rxKey, rxSalt, txKey, txSalt } = keys;
    const { id } = PROFILES[profile];
    if (!this.#addon.setSrtpKeys(this.#handle, peer, id, rxKey, rxSalt, txKey, txSalt)) {
      throw new ConclaveError(
        'PACKET_IO_KEYS_INVALID',
        `Keys for peer ${peer} were refused: unknown peer, or a key or salt of wrong length.`,
      );
    }
  }

  flush(runs: number): number {
    return this.#addon.flush(this.#handle, runs);
  }

  sendRtcp(peer: number, packet: Uint8Array): boolean {
    return this.#addon.sendRtcp(this.#handle, peer, packet);
  }

  sendApplicationData(peer: number, data: Uint8Array): boolean {
    return this.#addon.sendApplicationData(this.#handle, peer, data);
  }

  openRelay(peer: number): RelayEnd | undefined {
    const end = this.#addon.openRelay(this.#handle, peer);
    return end && { station: end[0], peer: end[1], id: end[2] };
  }

  connectRelay(peer: number, { station, peer: otherPeer, id }: RelayEnd): void {
    this.#addon.connectRelay(this.#handle, peer, station, otherPeer, id);
  }

  relay(peer: number, slot: number, length: number): void {
    if (this.#relayCount === RELAY_CAPACITY) this.flushRelays();
    const at = this.#relayCount++ * RELAY_WORDS;
    this.#relays[at] = peer;
    this.#relays[at + 1] = slot;
    this.#relays[at + 2] = length;
  }

  flushRelays(): void {
    if (this.#relayCount === 0) return;
    this.#addon.relay(this.#handle, this.#relays, this.#relayCount);
    this.#relayCount = 0;
  }

  sendRaw(address: Uint8Array, packet: Uint8Array): boolean {
    return this.#addon.sendRaw(this.#handle, address, packet);
  }

  get freeSlots(): number {
    return this.#freeSlots[0] as number;
  }

  takeSlot(): number {
    const free = this.#freeSlots;
    const top = free[0] as number;
    if (top === 0) return -1;
    const slot = free[top] as number;
    free[0] = top - 1;
    this.#taken[slot] = 1;
    return slot;
  }

  releaseSlot(slot: number): void {
    if (this.#taken[slot] !== 1) throw new RangeError(`slot ${slot} is not taken`);
    this.#taken[slot] = 0;
    const free = this.#freeSlots;
    const top = (free[0] as number) + 1;
    free[top] = slot;
    free[0] = top;
  }

  tick(_nowMs: number): void {
    if (this.#addon.tick(this.#handle)) this.#deliverEvents();
  }

  counters(): PacketIoCounters {
    const values = Object.fromEntries(COUNTERS.map((name, i) => [name, this.#counters[i]]));
    return values as unknown as PacketIoCounters;
  }

  close(): void {
    this.#closed = true;
    this.#addon.close(this.#handle);
  }
}

/**
 * Opens the socket. Throws PACKET_IO_ADDON_MISSING, PACKET_IO_BIND_FAILED (port taken or not allowed,
 * address not here) or PACKET_IO_CERTIFICATE_INVALID.
 */
export function createPacketIo(options: PacketIoOptions, events: PacketIoEvents): PacketIo {
  const addon = loadAddon();
  try {
    return new NativePacketIo(addon, options, events);
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    if (code === 'CERTIFICATE') {
      throw new ConclaveError(
        'PACKET_IO_CERTIFICATE_INVALID',
        'The DTLS certificate or its private key is not usable.',
        { cause },
      );
    }
    throw new ConclaveError(
      'PACKET_IO_BIND_FAILED',
      `UDP port ${options.port} on ${options.address ?? 'all addresses'} cannot be used: ${message} (${code}).`,
      { cause },
    );
  }
}

/** CPU time that the calling thread has used so far, in seconds. */
export function threadCpuSeconds(): number {
  return loadAddon().threadCpuSeconds();
}

/** What a subject alternative name may look like; a comma would start another one. */
const ALTERNATIVE_NAME = /^(DNS|IP):[0-9A-Za-z.:*_-]+$/;

/** Throws PACKET_IO_CERTIFICATE_INVALID when a name is malformed. Valid from one day ago. */
export function createSelfSignedCertificate(options: CertificateOptions): SelfSignedCertificate {
  const wrong = options.alternativeNames.find((name) => !ALTERNATIVE_NAME.test(name));
  if (wrong !== undefined) {
    throw new ConclaveError(
      'PACKET_IO_CERTIFICATE_INVALID',
      `"${wrong}" is no alternative name: write DNS:host or IP:address.`,
    );
  }
  try {
    const [certificate, privateKey] = loadAddon().createCertificate(
      options.commonName,
      options.alternativeNames.join(','),
      options.validDays,
    );
    return { certificate, privateKey };
  } catch (cause) {
    if (cause instanceof ConclaveError) throw cause;
    throw new ConclaveError(
      'PACKET_IO_CERTIFICATE_INVALID',
      `A certificate for "${options.commonName}" cannot be made: check its names.`,
      { cause },
    );
  }
}
