/**
 * What was sent to all receivers lately, in the order of sending, for estimators to read when feedback comes.
 * Sending to a receiver then writes one entry here, where memory is at hand, rather than one for each packet
 * into memory of that receiver, which must be fetched. Entries of one receiver are a chain, the newest first.
 */

/** Entries, one per run of packets and receiver: a second at 65,000 of them. A power of two. */
const ENTRIES = 65_536;
/** Sizes of packets, which all receivers of a run share. A power of two. */
const SIZES = 262_144;
/** Numbers of entries go round here, far beyond what is kept; so they stay small integers. */
const ROUND = 0x3fff_ffff;

const OWNER = 0;
/** `sequence number << 8 | count`. */
const PACKETS = 1;
/** The first size's number, modulo ROUND + 1. */
const SIZES_AT = 2;
/** The receiver's entry before this one, or NONE. */
const PREVIOUS = 3;
const WORDS = 4;

const NONE = -1;

/** Called for each packet in the order of sending. */
export type SentReader = (seq: number, sizeBytes: number, sentMs: number) => void;

export class SentLog {
  readonly #words = new Int32Array(ENTRIES * WORDS);
  readonly #sentMs = new Float64Array(ENTRIES);
  readonly #sizes = new Uint16Array(SIZES);
  /** Entries of one chain, the newest first; used while reading. */
  readonly #chain = new Int32Array(ENTRIES);
  #nextEntry = 0;
  #nextSize = 0;
  #nextOwner = 0;

  newOwner(): number {
    return this.#nextOwner++;
  }

  /** Notes the first `count` sizes of a run that will be sent; returns the number of the first, for `add`. */
  addSizes(sizesBytes: Uint16Array, count: number): number {
    const first = this.#nextSize;
    for (let i = 0; i < count; i++) this.#sizes[(first + i) & (SIZES - 1)] = sizesBytes[i]!;
    this.#nextSize = (first + count) & ROUND;
    return first;
  }

  /** `count` packets from `seq` on (0..65535) are sent; returns the entry's number. */
  add(
    owner: number,
    previous: number,
    seq: number,
    count: number,
    sizesAt: number,
    nowMs: number,
  ): number {
    const entry = this.#nextEntry;
    this.#nextEntry = (entry + 1) & ROUND;
    const place = entry & (ENTRIES - 1);
    const at = place * WORDS;
    this.#words[at + OWNER] = owner;
    this.#words[at + PACKETS] = (seq << 8) | count;
    this.#words[at + SIZES_AT] = sizesAt;
    this.#words[at + PREVIOUS] = previous;
    this.#sentMs[place] = nowMs;
    return entry;
  }

  /** Reads the chain that ends with entry `newest`, as far as it is still there. */
  read(owner: number, newest: number, reader: SentReader): void {
    let count = 0;
    for (let entry = newest; this.#isKept(owner, entry) && count < ENTRIES; count++) {
      this.#chain[count] = entry & (ENTRIES - 1);
      entry = this.#words[(entry & (ENTRIES - 1)) * WORDS + PREVIOUS]!;
    }
    for (let i = count - 1; i >= 0; i--) this.#readEntry(this.#chain[i]!, reader);
  }

  #isKept(owner: number, entry: number): boolean {
    if (entry === NONE || ((this.#nextEntry - 1 - entry) & ROUND) >= ENTRIES) return false;
    return this.#words[(entry & (ENTRIES - 1)) * WORDS + OWNER] === owner;
  }

  #readEntry(place: number, reader: SentReader): void {
    const at = place * WORDS;
    const packets = this.#words[at + PACKETS]!;
    const sizesAt = this.#words[at + SIZES_AT]!;
    const count = packets & 0xff;
    if (((this.#nextSize - 1 - sizesAt) & ROUND) >= SIZES) return;
    for (let i = 0; i < count; i++) {
      const seq = ((packets >>> 8) + i) & 0xffff;
      reader(seq, this.#sizes[(sizesAt + i) & (SIZES - 1)]!, this.#sentMs[place]!);
    }
  }
}

/** What one receiver was sent since it was read last. */
export class UnreadSends {
  readonly #log: SentLog;
  readonly #owner: number;
  #newest = NONE;

  constructor(log: SentLog) {
    this.#log = log;
    this.#owner = log.newOwner();
  }

  /** `sizesAt`: number of the first packet's size, by `SentLog.addSizes`. */
  add(seq: number, count: number, sizesAt: number, nowMs: number): void {
    this.#newest = this.#log.add(this.#owner, this.#newest, seq, count, sizesAt, nowMs);
  }

  read(reader: SentReader): void {
    if (this.#newest === NONE) return;
    const newest = this.#newest;
    this.#newest = NONE;
    this.#log.read(this.#owner, newest, reader);
  }
}
