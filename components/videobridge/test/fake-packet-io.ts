/**
 * packet-io in memory, with the same contract: slots that must be given back exactly once, send
 * records turned into the bytes that the addon would send. It also watches what a real receiver
 * could not forgive: one (SSRC, roll-over counter, sequence number) used for two different packets.
 */
import {
  ADDRESS_BYTES,
  type PacketIo,
  type PacketIoCounters,
  type RelayEnd,
  RUN_PACKETS,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
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
  readonly txPackets: Int32Array;
  readonly txRuns: Int32Array;
  readonly addresses: Uint8Array;
  readonly fingerprint = 'AA:BB';
  readonly sent: SentPacket[] = [];
  readonly sentRtcp: { readonly peer: number; readonly bytes: Uint8Array }[] = [];
  readonly sentApplicationData: { readonly peer: number; readonly bytes: Uint8Array }[] = [];
  readonly sentRaw: { readonly address: Uint8Array; readonly bytes: Uint8Array }[] = [];
  readonly dtlsStarted: { readonly peer: number; readonly role: string }[] = [];
  readonly bound: { readonly peer: number; readonly address: Uint8Array }[] = [];
  readonly peers = new Set<number>();
  /** Of peers that are relays: where the other end is, once that is known. */
  readonly relays = new Map<number, RelayEnd | undefined>();
  readonly relayed: { readonly peer: number; readonly bytes: Uint8Array }[] = [];
  readonly #relaysQueued: { peer: number; slot: number; length: number }[] = [];
  flushes = 0;
  readonly #free: number[] = [];
  readonly #taken = new Set<number>();
  readonly #used = new Map<string, string>();
  #nextPeer = 0;

  constructor(options: { slotCount?: number; txCapacity?: number } = {}) {
    this.slotCount = options.slotCount ?? 1024;
    this.txCapacity = options.txCapacity ?? 4096;
    this.arena = new Uint8Array(this.slotCount * SLOT_SIZE);
    this.txPackets = new Int32Array(this.txCapacity * TX_PACKET_WORDS);
    this.txRuns = new Int32Array(this.txCapacity * TX_RUN_WORDS);
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
    ageMicros = 0,
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
    this.rx[at + Rx.ageMicros] = ageMicros;
    return true;
  }

  addPeer(): number {
    this.peers.add(this.#nextPeer);
    return this.#nextPeer++;
  }

  openRelay(peer: number): RelayEnd {
    this.relays.set(peer, undefined);
    return { station: 0, peer, id: peer + 1 };
  }

  connectRelay(peer: number, other: RelayEnd): void {
    this.relays.set(peer, other);
  }

  relay(peer: number, slot: number, length: number): void {
    this.#relaysQueued.push({ peer, slot, length });
  }

  flushRelays(): void {
    for (const { peer, slot, length } of this.#relaysQueued.splice(0)) {
      if (!this.#taken.has(slot)) throw new Error(`relayed slot ${slot} is free`);
      const start = slot * SLOT_SIZE;
      if (!this.peers.has(peer)) continue;
      this.relayed.push({ peer, bytes: this.arena.slice(start, start + length) });
    }
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

  flush(runs: number): number {
    this.flushes++;
    if (runs < 1 || runs > this.txCapacity) throw new Error(`flush of ${runs}`);
    const before = this.sent.length;
    for (let i = 0; i < runs; i++) {
      const packets = this.txRuns[i * TX_RUN_WORDS + TxRun.packets] ?? 0;
      const count = packets & 0xff;
      if (count < 1 || count > RUN_PACKETS) throw new Error(`run of ${count}`);
      for (let at = 0; at < count; at++) this.#send(i, packets >>> 8, at);
    }
    return this.sent.length - before;
  }

  sendRtcp(peer: number, packet: Uint8Array): boolean {
    this.sentRtcp.push({ peer, bytes: packet.slice() });
    return true;
  }

  sendApplicationData(peer: number, data: Uint8Array): boolean {
    this.sentApplicationData.push({ peer, bytes: data.slice() });
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
      rxWaits: 0,
      handedOver: 0,
      handoverDropped: 0,
      relayed: this.relayed.length,
      relayDropped: 0,
      rxStoodIn: 0,
      txMessages: this.flushes,
      txCalls: this.flushes,
    };
  }

  close(): void {}

  /** Packet `first + at`, which is number `at` of run `index`. */
  #send(index: number, first: number, at: number): void {
    const ofRun = (field: number): number => this.txRuns[index * TX_RUN_WORDS + field] ?? 0;
    const word = (field: number, packet = first + at): number =>
      this.txPackets[packet * TX_PACKET_WORDS + field] ?? 0;
    const slot = word(TxPacket.slot);
    if (!this.#taken.has(slot)) throw new Error(`packet in slot ${slot}, which is free`);
    const offset = word(TxPacket.payload) >>> 16;
    const length = word(TxPacket.payload) & 0xffff;
    if (offset + length > SLOT_SIZE) throw new Error('payload outside its slot');
    const start = slot * SLOT_SIZE + offset;
    const payload = this.arena.slice(start, start + length);
    moveCounter(payload, word(TxPacket.counterA), ofRun(TxRun.addA));
    moveCounter(payload, word(TxPacket.counterB), ofRun(TxRun.addB) & 0x7fff);
    const copied = word(TxPacket.extension);
    const count = ofRun(TxRun.packets) & 0xff;
    const setsMarker = (ofRun(TxRun.addB) & 0x8000) !== 0 && at === count - 1;
    const distance = word(TxPacket.markerTypeSequence) - word(TxPacket.markerTypeSequence, first);
    const seq = ofRun(TxRun.sequence) + (distance & 0xffff);
    const rolloverCounter = ofRun(TxRun.rolloverCounter) + (seq >> 16);
    const elements: { readonly id: number; readonly data: readonly number[] }[] = [];
    for (const field of [TxRun.extensionA, TxRun.extensionB]) {
      let extension = ofRun(field);
      if (extension === 0) continue;
      const size = ((extension >>> 24) & 0x0f) + 1;
      if (field === TxRun.extensionA && size === 2) {
        extension = (extension & ~0xffff00) | ((extension + (at << 8)) & 0xffff00);
      }
      if (extension >>> 28 === 0 || size > 3) throw new Error('bad extension');
      const data = Array.from({ length: size }, (_, i) => (extension >>> (16 - 8 * i)) & 0xff);
      elements.push({ id: extension >>> 28, data });
    }
    if (copied !== 0) {
      const from = slot * SLOT_SIZE + ((copied >>> 8) & 0x7ff);
      const data = this.arena.slice(from, from + (copied & 0xff));
      const view = new DataView(data.buffer);
      if (data.length >= 3) view.setUint16(1, view.getUint16(1) + ofRun(TxRun.addA));
      elements.push({ id: copied >>> 28, data: [...data] });
    }
    const isWide = elements.some(({ data }) => data.length > 16);
    const extensions = elements.flatMap(({ id, data }) =>
      isWide ? [id, data.length, ...data] : [(id << 4) | (data.length - 1), ...data],
    );
    while (extensions.length % 4 !== 0) extensions.push(0);
    const prefixPadding = word(TxPacket.prefixPadding);
    const ofPacket = (packet: number) => word(TxPacket.payload, packet) & 0xffff;
    const sizes = Array.from({ length: count }, (_, i) => ofPacket(first + i));
    const prefix =
      (prefixPadding & 0x100) === 0
        ? []
        : [(prefixPadding >>> 24) & 0xff, (prefixPadding >>> 16) & 0xff];
    const header = new DataView(new ArrayBuffer(12));
    const padding = new Uint8Array((prefixPadding & 0xff) + equalizing(sizes, at));
    if (padding.length > 0) padding[padding.length - 1] = padding.length;
    header.setUint8(0, (extensions.length > 0 ? 0x90 : 0x80) | (padding.length > 0 ? 0x20 : 0));
    const markerType = word(TxPacket.markerTypeSequence) >>> 16;
    header.setUint8(1, (markerType & 0x7f) | (markerType >> 8) | (setsMarker ? 0x80 : 0));
    header.setUint16(2, seq & 0xffff);
    header.setInt32(4, word(TxPacket.timestamp) + ofRun(TxRun.timestampOffset));
    header.setInt32(8, ofRun(TxRun.ssrc));
    const bytes = Uint8Array.from([
      ...new Uint8Array(header.buffer),
      ...(extensions.length > 0
        ? [...(isWide ? [0x10, 0x00] : [0xbe, 0xde]), 0, extensions.length / 4]
        : []),
      ...extensions,
      ...prefix,
      ...payload,
      ...padding,
    ]);
    const peer = ofRun(TxRun.peer);
    if (!this.peers.has(peer)) return;
    this.#checkNonce(peer, rolloverCounter, bytes);
    this.sent.push({ peer, rolloverCounter, bytes });
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

/** Packets of a run in a row whose sizes differ by a byte at most are padded to one size, as by the addon's default. */
function equalizing(sizes: readonly number[], at: number): number {
  for (let start = 0; start < sizes.length; ) {
    let end = start + 1;
    const spread = (to: number) => {
      const group = sizes.slice(start, to);
      return Math.max(...group) - Math.min(...group);
    };
    while (end < sizes.length && spread(end + 1) <= 1) end++;
    if (at < end) return Math.max(...sizes.slice(start, end)) - sizes[at]!;
    start = end;
  }
  return 0;
}

function moveCounter(payload: Uint8Array, counter: number, add: number): void {
  if (counter === 0) return;
  const bits = counter & 0xff;
  const at = counter >>> 8;
  const bytes = bits > 8 ? 2 : 1;
  if (bits < 1 || bits > 16 || at + bytes > payload.length) throw new Error('bad counter');
  const mask = (1 << bits) - 1;
  const old = bytes === 2 ? (payload[at]! << 8) | payload[at + 1]! : payload[at]!;
  const moved = (old & ~mask) | ((old + add) & mask);
  if (bytes === 2) payload[at] = moved >> 8;
  payload[at + bytes - 1] = moved & 0xff;
}
