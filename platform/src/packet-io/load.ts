/**
 * Finds and loads the addon, and says what its functions are. `scripts/build-addon.mjs` builds it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConclaveError } from '@conclave/base';

/** An instance in C; only the addon's functions look inside. */
export type NativeHandle = object & { readonly native: never };

/** Arrays that C points into: made here, so that they live as long as either side uses them. */
export interface SharedMemory {
  readonly slotCount: number;
  readonly txCapacity: number;
  readonly arena: Uint8Array;
  readonly freeSlots: Int32Array;
  readonly taken: Uint8Array;
  readonly rx: Int32Array;
  readonly txPackets: Int32Array;
  readonly txRuns: Int32Array;
  readonly addresses: Uint8Array;
  readonly counters: Float64Array;
}

export interface NativeOptions {
  readonly port: number;
  readonly address: string | undefined;
  readonly certificate: string;
  readonly privateKey: string;
  readonly maxDatagram: number;
  readonly segmentation: boolean;
  readonly equalizeBytes: number;
  readonly batchWindowUs: number;
  /** -1 for none. */
  readonly station: number;
  /** 1 for told apart, 0 for not, -1 for where it matters. */
  readonly localAddresses: number;
  /** OpenSSL's syntax, the best first. */
  readonly srtpProfiles: string;
}

export interface NativeAddon {
  create(
    options: NativeOptions,
    memory: SharedMemory,
    onReadable: (count: number, hasEvents: boolean) => void,
  ): { readonly handle: NativeHandle; readonly port: number; readonly fingerprint: string };
  close(handle: NativeHandle): void;
  /** -1 when there are too many. */
  addPeer(handle: NativeHandle): number;
  removePeer(handle: NativeHandle, peer: number): void;
  bindAddress(handle: NativeHandle, peer: number, address: Uint8Array): boolean;
  allowAddress(handle: NativeHandle, peer: number, address: Uint8Array): boolean;
  startDtls(
    handle: NativeHandle,
    peer: number,
    server: boolean,
    hashes: Int32Array,
    digests: Uint8Array,
  ): boolean;
  setSrtpKeys(
    handle: NativeHandle,
    peer: number,
    profile: number,
    rxKey: Uint8Array,
    rxSalt: Uint8Array,
    txKey: Uint8Array,
    txSalt: Uint8Array,
  ): boolean;
  nextEvent(
    handle: NativeHandle,
  ): readonly [peer: number, profile: number, reason: string] | undefined;
  tick(handle: NativeHandle): boolean;
  flush(handle: NativeHandle, runs: number): number;
  sendRtcp(handle: NativeHandle, peer: number, packet: Uint8Array): boolean;
  sendApplicationData(handle: NativeHandle, peer: number, data: Uint8Array): boolean;
  openRelay(
    handle: NativeHandle,
    peer: number,
  ): readonly [station: number, peer: number, id: number] | undefined;
  connectRelay(
    handle: NativeHandle,
    peer: number,
    station: number,
    otherPeer: number,
    id: number,
  ): boolean;
  /** Records of three words: peer, slot, length. */
  relay(handle: NativeHandle, records: Int32Array, count: number): number;
  sendRaw(handle: NativeHandle, address: Uint8Array, packet: Uint8Array): boolean;
  threadCpuSeconds(): number;
  createCertificate(
    commonName: string,
    alternativeNames: string,
    days: number,
  ): readonly [certificate: string, privateKey: string];
  deriveSrtp(
    key: Uint8Array,
    salt: Uint8Array,
    label: number,
    length: number,
  ): Uint8Array | undefined;
  protectSrtp(
    profile: number,
    key: Uint8Array,
    authKey: Uint8Array,
    salt: Uint8Array,
    packet: Uint8Array,
    headerBytes: number,
    rocOrIndex: number,
  ): Uint8Array | undefined;
}

/** Beside the bundle that holds this module, or in `dist` when it runs from source. */
const PLACES = ['./packet_io.node', '../../../dist/packet_io.node'];

/** Throws PACKET_IO_ADDON_MISSING. `CONCLAVE_PACKET_IO` names another build (sanitizers). */
export function loadAddon(): NativeAddon {
  const override = process.env.CONCLAVE_PACKET_IO;
  const places =
    override === undefined
      ? PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
      : [resolve(override)];
  const path = places.find((place) => existsSync(place));
  if (path === undefined) {
    throw new ConclaveError(
      'PACKET_IO_ADDON_MISSING',
      `The packet-io addon is in none of ${places.join(', ')}: run "node scripts/build-addon.mjs".`,
    );
  }
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    throw new ConclaveError(
      'PACKET_IO_ADDON_MISSING',
      `The packet-io addon ${path} does not load into this node (${process.version}): build it again.`,
      { cause },
    );
  }
}
