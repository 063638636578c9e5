/**
 * Recently forwarded packets, kept in their slots for retransmission (protocol: RFC 4585 §6.2.1,
 * RFC 4588). One `RetransmissionStore` per worker bounds age and share of the arena over all
 * sources, oldest first; one `RetransmissionCache` per source SSRC finds a packet by its number.
 */
import type { IncomingPacket } from './incoming-packet.ts';
import type { SlotLedger } from './slot-ledger.ts';

/** Packets per source SSRC; a power of two. At 2.5 Mbit/s about two seconds. */
export const CACHE_PACKETS = 512;
/** Older packets are of no use: the receiver has asked for a key frame by then. */
export const CACHE_AGE_MS = 1000;

const EMPTY = -1;

/**
 * Words of an entry: all that is known of a packet in half a line of memory, since hundreds of caches do not stay in the
 * processor's.
 */
const Entry = {
  slot: 0,
  /** The number modulo 2^32, and what is above. */
  seq: 1,
  seqHigh: 2,
  /** `payloadOffset << 16 | payloadLength` */
  payload: 3,
  timestamp: 4,
  /** `marker << 8 | payloadType` */
  type: 5,
  /** `counterA << 16 | counterB`: they lie in the first 256 bytes. */
  counters: 6,
  extension: 7,
} as const;
const ENTRY_WORDS = 8;
const CACHE_WORDS = CACHE_PACKETS * ENTRY_WORDS;
/** Caches whose entries are in one array; what an array itself takes is then at hand for all of them. A power of two. */
const CACHES_PER_ARRAY = 16;

export class RetransmissionCache {
  readonly #store: RetransmissionStore;
  /** Number of this cache in the store. */
  readonly id: number;
  readonly #words: Int32Array;
  /** Where its entries begin. */
  readonly #base: number;

  constructor(store: RetransmissionStore) {
    this.#store = store;
    this.id = store.register(this);
    this.#words = store.wordsOf(this.id);
    this.#base = (this.id & (CACHES_PER_ARRAY - 1)) * CACHE_WORDS;
  }

  /** Keeps the packet; its slot then belongs to the cache. Older than what is there: not kept. */
  put(packet: IncomingPacket, nowMs: number): void {
    const { extendedSeq, slot } = packet;
    const words = this.#words;
    const at = this.#placeOf(extendedSeq);
    if (words[at + Entry.slot] !== EMPTY) {
      if (this.#seq(at) >= extendedSeq) return;
      this.#release(at);
    }
    words[at + Entry.slot] = slot;
    words[at + Entry.seq] = extendedSeq;
    words[at + Entry.seqHigh] = Math.floor(extendedSeq / 0x1_0000_0000);
    words[at + Entry.payload] = (packet.payloadOffset << 16) | packet.payloadLength;
    words[at + Entry.type] = (packet.marker ? 256 : 0) | packet.payloadType;
    words[at + Entry.timestamp] = packet.timestamp;
    words[at + Entry.counters] = (packet.counterA << 16) | packet.counterB;
    words[at + Entry.extension] = packet.extension;
    this.#store.added(this.id, extendedSeq, slot, nowMs);
  }

  /** Takes over what the cache knows of the packet there. */
  read(at: number, packet: IncomingPacket): void {
    packet.slot = this.slot(at);
    packet.extendedSeq = this.#seq(at);
    packet.payloadOffset = this.payloadOffset(at);
    packet.payloadLength = this.payloadLength(at);
    packet.marker = this.marker(at);
    packet.payloadType = this.payloadType(at);
    packet.timestamp = this.timestamp(at);
    packet.counterA = this.counterA(at);
    packet.counterB = this.counterB(at);
    packet.extension = this.extension(at);
  }

  /** Where the packet is, for the accessors below; -1 when it is not (or no longer) here. */
  find(extendedSeq: number): number {
    const at = this.#placeOf(extendedSeq);
    return this.#words[at + Entry.slot] !== EMPTY && this.#seq(at) === extendedSeq ? at : -1;
  }

  slot(at: number): number {
    return this.#words[at + Entry.slot]!;
  }

  payloadOffset(at: number): number {
    return this.#words[at + Entry.payload]! >>> 16;
  }

  payloadLength(at: number): number {
    return this.#words[at + Entry.payload]! & 0xffff;
  }

  marker(at: number): boolean {
    return this.#words[at + Entry.type]! >= 256;
  }

  payloadType(at: number): number {
    return this.#words[at + Entry.type]! & 0x7f;
  }

  /** The sender's RTP timestamp, signed. */
  timestamp(at: number): number {
    return this.#words[at + Entry.timestamp]!;
  }

  counterA(at: number): number {
    return this.#words[at + Entry.counters]! >>> 16;
  }

  counterB(at: number): number {
    return this.#words[at + Entry.counters]! & 0xffff;
  }

  /** See `IncomingPacket.extension`. */
  extension(at: number): number {
    return this.#words[at + Entry.extension]!;
  }

  /** Forgets one packet, if it is still here. */
  evict(extendedSeq: number): void {
    const at = this.find(extendedSeq);
    if (at >= 0) this.#release(at);
  }

  /** Forgets everything; the cache may be used again. */
  clear(): void {
    const words = this.#words;
    for (let at = this.#base; at < this.#base + CACHE_WORDS; at += ENTRY_WORDS) {
      if (words[at + Entry.slot] !== EMPTY) this.#release(at);
    }
  }

  /** Clears and leaves the store. Idempotent. */
  close(): void {
    this.clear();
    this.#store.unregister(this);
  }

  #placeOf(extendedSeq: number): number {
    return this.#base + (extendedSeq & (CACHE_PACKETS - 1)) * ENTRY_WORDS;
  }

  #seq(at: number): number {
    return this.#words[at + Entry.seqHigh]! * 0x1_0000_0000 + (this.#words[at + Entry.seq]! >>> 0);
  }

  #release(at: number): void {
    this.#store.removed(this.slot(at));
    this.#words[at + Entry.slot] = EMPTY;
  }
}

export class RetransmissionStore {
  readonly #ledger: SlotLedger;
  readonly #maxSlots: number;
  readonly #caches: (RetransmissionCache | undefined)[] = [];
  readonly #freeIds: number[] = [];
  /** Of the caches' entries. */
  readonly #arrays: Int32Array[] = [];
  /** A queue in order of arrival; entries whose packet is gone already are skipped. */
  readonly #queueIds: Int32Array;
  readonly #queueSeqs: Float64Array;
  readonly #queueMs: Float64Array;
  #head = 0;
  #length = 0;
  /** Packets given up before their age because the arena share was used up. */
  evictedForSpace = 0;

  /** `maxSlots`: how much of the arena caches may hold, all together. */
  constructor(ledger: SlotLedger, maxSlots: number) {
    this.#ledger = ledger;
    this.#maxSlots = maxSlots;
    const capacity = maxSlots * 2;
    this.#queueIds = new Int32Array(capacity);
    this.#queueSeqs = new Float64Array(capacity);
    this.#queueMs = new Float64Array(capacity);
  }

  register(cache: RetransmissionCache): number {
    const id = this.#freeIds.pop() ?? this.#caches.length;
    this.#caches[id] = cache;
    return id;
  }

  unregister(cache: RetransmissionCache): void {
    if (this.#caches[cache.id] !== cache) return;
    this.#caches[cache.id] = undefined;
    this.#freeIds.push(cache.id);
  }

  /** The array that the entries of a cache are in; those of one that was closed are empty. */
  wordsOf(id: number): Int32Array {
    const at = Math.floor(id / CACHES_PER_ARRAY);
    this.#arrays[at] ??= new Int32Array(CACHES_PER_ARRAY * CACHE_WORDS).fill(EMPTY);
    return this.#arrays[at];
  }

  added(id: number, extendedSeq: number, slot: number, nowMs: number): void {
    this.#ledger.keep(slot);
    if (this.#length === this.#queueIds.length) this.#evictOldest();
    const tail = (this.#head + this.#length) % this.#queueIds.length;
    this.#queueIds[tail] = id;
    this.#queueSeqs[tail] = extendedSeq;
    this.#queueMs[tail] = nowMs;
    this.#length++;
    while (this.#length > 0 && this.#ledger.cached > this.#maxSlots) {
      this.evictedForSpace++;
      this.#evictOldest();
    }
  }

  removed(slot: number): void {
    this.#ledger.release(slot);
  }

  /** Gives up what is older than `CACHE_AGE_MS`. */
  evictOld(nowMs: number): void {
    while (this.#length > 0 && nowMs - this.#queueMs[this.#head]! > CACHE_AGE_MS) {
      this.#evictOldest();
    }
  }

  /** Gives up the oldest packets until `count` fewer are cached, or none is left. */
  evictForSpace(count: number): void {
    const target = this.#ledger.cached - count;
    while (this.#length > 0 && this.#ledger.cached > target) {
      this.evictedForSpace++;
      this.#evictOldest();
    }
  }

  #evictOldest(): void {
    const head = this.#head;
    this.#head = (head + 1) % this.#queueIds.length;
    this.#length--;
    this.#caches[this.#queueIds[head]!]?.evict(this.#queueSeqs[head]!);
  }
}
