/**
 * packet-io in memory, with the same contract: slots that must be given back exactly once, send
 * descriptors turned into the bytes that the addon would send. It also watches what a real receiver
 * could not forgive: one (SSRC, roll-over counter, sequence number) used for two different packets.
 */
import {
  ADDRESS_BYTES,
  type PacketIo,
  type PacketIoCounters,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TX_WORDS,
  Tx,
} from '@conclave/platform/packet-io';

export interface SentPacket {
  readonly peer: number;
  readonly rolloverCounter: number;
  /** RTP as it goes to SRTP. */
  readonly bytes: Uint8Array;
}

export class FakePacketIo implements PacketIo {
  readonly port = 10_000;
  readonly slotCount: number;
  readonly arena: Uint8Array;
  readonly rx = new Int32Array(256 * RX_WORDS);
  readonly txCapacity: number;
  readonly tx: Int32Array;
  readonly addresses: Uint8Array;
  readonly fingerprint = 'AA:BB';
  readonly sent: SentPacket[] = [];
  readonly sentRtcp: { readonly peer: number; readonly bytes: Uint8Array }[] = [];
  readonly sentRaw: { readonly address: Uint8Array; readonly bytes: Uint8Array }[] = [];
  readonly dtlsStarted: { readonly peer: number; readonly role: string }[] = [];
  readonly bound: { readonly peer: number; readonly address: Uint8Array }[] = [];
  readonly peers = new Set<number>();
  flushes = 0;
  readonly #free: number[] = [];
  readonly #taken = new Set<number>();
  readonly #used = new Map<string, string>();
  #nextPeer = 0;

  constructor(options: { slotCount?: number; txCapacity?: number } = {}) {
    this.slotCount = options.slotCount ?? 1024;
    this.txCapacity = options.txCapacity ?? 4096;
    this.arena = new Uint8Array(this.slotCount * SLOT_SIZE);
    this.tx = new Int32Array(this.txCapacity * TX_WORDS);
    this.addresses = new Uint8Array(this.slotCount * ADDRESS_BYTES);
    for (let slot = this.slotCount - 1; slot >= 0; slot--) this.#free.push(slot);
  }

  get freeSlots(): number {
    return this.#free.length;
  }

  /** Puts a packet into record `index`; false when there is no slot, as the addon drops it then. */
  receive(
    index: number,
    peer: number,
    kind: number,
    bytes: Uint8Array,
    address?: Uint8Array,
  ): boolean {
    const slot = this.#free.pop();
    if (slot === undefined) return false;
    this.#taken.add(slot);
    this.arena.fill(0xdd, slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE);
    this.arena.set(bytes, slot * SLOT_SIZE);
    if (address !== undefined) this.addresses.set(address, slot * ADDRESS_BYTES);
    const at = index * RX_WORDS;
    this.rx[at + Rx.slot] = slot;
    this.rx[at + Rx.length] = bytes.length;
    this.rx[at + Rx.kind] = kind;
    this.rx[at + Rx.peer] = peer;
    return true;
  }

  addPeer(): number {
    this.peers.add(this.#nextPeer);
    return this.#nextPeer++;
  }

  removePeer(peer: number): void {
    if (!this.peers.delete(peer)) throw new Error(`peer ${peer} is not there`);
  }

  bindAddress(peer: number, address: Uint8Array): void {
    this.bound.push({ peer, address: address.slice() });
  }

  allowAddress(): boolean {
    return true;
  }

  startDtls(peer: number, options: { role: 'client' | 'server' }): void {
    this.dtlsStarted.push({ peer, role: options.role });
  }

  setSrtpKeys(): void {}

  flush(count: number): number {
    this.flushes++;
    if (count < 1 || count > this.txCapacity) throw new Error(`flush of ${count}`);
    for (let i = 0; i < count; i++) this.#send(i * TX_WORDS);
    return count;
  }

  sendRtcp(peer: number, packet: Uint8Array): boolean {
    this.sentRtcp.push({ peer, bytes: packet.slice() });
    return true;
  }

  sendRaw(address: Uint8Array, packet: Uint8Array): boolean {
    this.sentRaw.push({ address: address.slice(), bytes: packet.slice() });
    return true;
  }

  takeSlot(): number {
    const slot = this.#free.pop() ?? -1;
    if (slot >= 0) this.#taken.add(slot);
    return slot;
  }

  releaseSlot(slot: number): void {
    if (!this.#taken.delete(slot)) throw new Error(`slot ${slot} is not taken`);
    this.arena.fill(0xee, slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE);
    this.#free.push(slot);
  }

  tick(): void {}

  counters(): PacketIoCounters {
    return {
      rxPackets: 0,
      rxBytes: 0,
      txPackets: this.sent.length,
      txBytes: 0,
      rxUnknownAddress: 0,
      rxAuthFailed: 0,
      rxReplayed: 0,
      rxInvalid: 0,
      rxNoSlot: 0,
      txDropped: 0,
      txInvalid: 0,
      rxCalls: 0,
      txMessages: this.flushes,
      txCalls: this.flushes,
    };
  }

  close(): void {}

  #send(at: number): void {
    const word = (field: number): number => this.tx[at + field] ?? 0;
    const slot = word(Tx.slot);
    if (!this.#taken.has(slot)) throw new Error(`descriptor of slot ${slot}, which is free`);
    const offset = word(Tx.payload) >>> 16;
    const length = word(Tx.payload) & 0xffff;
    if (offset + length > SLOT_SIZE) throw new Error('payload outside its slot');
    const start = slot * SLOT_SIZE + offset;
    const payload = this.arena.slice(start, start + length);
    for (const field of [Tx.patchA, Tx.patchB]) {
      const patch = word(field);
      if (patch === 0) continue;
      const patchAt = patch >>> 24;
      const bytes = (patch >> 16) & 0xff;
      if (patchAt + bytes > length || bytes < 1 || bytes > 2) throw new Error('bad patch');
      if (bytes === 2) payload[patchAt] = (patch >> 8) & 0xff;
      payload[patchAt + bytes - 1] = patch & 0xff;
    }
    const elements: number[] = [];
    for (const field of [Tx.extensionA, Tx.extensionB]) {
      const extension = word(field);
      if (extension === 0) continue;
      const size = ((extension >>> 24) & 0x0f) + 1;
      if (extension >>> 28 === 0 || size > 3) throw new Error('bad extension');
      elements.push(extension >>> 24);
      for (let i = 0; i < size; i++) elements.push((extension >>> (16 - 8 * i)) & 0xff);
    }
    while (elements.length % 4 !== 0) elements.push(0);
    const prefixPadding = word(Tx.prefixPadding);
    const prefix =
      (prefixPadding & 0x100) === 0
        ? []
        : [(prefixPadding >>> 24) & 0xff, (prefixPadding >>> 16) & 0xff];
    const header = new DataView(new ArrayBuffer(12));
    const padding = new Uint8Array(prefixPadding & 0xff);
    if (padding.length > 0) padding[padding.length - 1] = padding.length;
    header.setUint8(0, (elements.length > 0 ? 0x90 : 0x80) | (padding.length > 0 ? 0x20 : 0));
    header.setUint8(1, (word(Tx.markerTypeSequence) >>> 16) & 0xff);
    if (word(Tx.markerTypeSequence) < 0) header.setUint8(1, header.getUint8(1) | 0x80);
    header.setUint16(2, word(Tx.markerTypeSequence) & 0xffff);
    header.setInt32(4, word(Tx.timestamp));
    header.setInt32(8, word(Tx.ssrc));
    const bytes = Uint8Array.from([
      ...new Uint8Array(header.buffer),
      ...(elements.length > 0 ? [0xbe, 0xde, 0, elements.length / 4] : []),
      ...elements,
      ...prefix,
      ...payload,
      ...padding,
    ]);
    const peer = word(Tx.peer);
    if (!this.peers.has(peer)) return;
    this.#checkNonce(peer, word(Tx.rolloverCounter), bytes);
    this.sent.push({ peer, rolloverCounter: word(Tx.rolloverCounter), bytes });
  }

  /** RFC 3711 §9.1: the same index under the same key only for the same packet. */
  #checkNonce(peer: number, rolloverCounter: number, bytes: Uint8Array): void {
    const key = [peer, rolloverCounter, ...bytes.subarray(2, 4), ...bytes.subarray(8, 12)].join();
    const text = bytes.join();
    const earlier = this.#used.get(key);
    if (earlier !== undefined && earlier !== text) {
      throw new Error(`SRTP index used twice for different packets: ${key}`);
    }
    this.#used.set(key, text);
  }
}
