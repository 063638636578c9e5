/**
 * Packets that arrived at a receiver, in the order of arrival: what one feedback tells, in columns. The parts of
 * the estimator go through them one after the other. A time that is handed from function to function as a number
 * may be an object on the heap; in a column it never is.
 */
import type { SentPackets } from './sent-packets.ts';

const FIRST_CAPACITY = 64;
/** Of the times of arrival that feedback tells (250 us). */
const TICKS_PER_MS = 4;
/** Reordering further than this is left as it is; it bounds the work of hostile feedback. */
const MAX_SORT_DISTANCE = 64;

export class Arrivals {
  count = 0;
  /** Of these, entries 0..count-1 are valid. On our clock. */
  sentMs: Float64Array;
  /** On the receiver's clock. */
  arrivalMs: Float64Array;
  sizeBytes: Int32Array;
  /** The probe that the packet was part of, 0 for none. */
  cluster: Int32Array;
  #baseTicks = 0;

  /** Without a capacity nothing is taken up before the first packet: most endpoints of a small server never see video. */
  constructor(capacity = 0) {
    this.sentMs = new Float64Array(capacity);
    this.arrivalMs = new Float64Array(capacity);
    this.sizeBytes = new Int32Array(capacity);
    this.cluster = new Int32Array(capacity);
  }

  /** `baseTicks`: what the ticks of `addSent` count from. */
  clear(baseTicks = 0): void {
    this.count = 0;
    this.#baseTicks = baseTicks;
  }

  /** The packet at place `at` of `sent` arrived. */
  addSent(sent: SentPackets, at: number, ticks: number): void {
    const i = this.#next();
    this.sentMs[i] = sent.sentMs(at);
    this.arrivalMs[i] = (this.#baseTicks + ticks) / TICKS_PER_MS;
    this.sizeBytes[i] = sent.sizeBytes(at);
    this.cluster[i] = sent.cluster(at);
    if (i > 0 && this.arrivalMs[i - 1]! > this.arrivalMs[i]!) this.#moveForward(i);
  }

  /** A packet that arrived last. */
  add(sentMs: number, arrivalMs: number, sizeBytes: number): void {
    const i = this.#next();
    this.sentMs[i] = sentMs;
    this.arrivalMs[i] = arrivalMs;
    this.sizeBytes[i] = sizeBytes;
    this.cluster[i] = 0;
  }

  #next(): number {
    if (this.count === this.sentMs.length) this.#grow();
    return this.count++;
  }

  /** Nearly sorted input is cheap. */
  #moveForward(from: number): void {
    const { sentMs, arrivalMs, sizeBytes, cluster } = this;
    const sent = sentMs[from]!;
    const arrival = arrivalMs[from]!;
    const size = sizeBytes[from]!;
    const probe = cluster[from]!;
    const end = Math.max(0, from - MAX_SORT_DISTANCE);
    let to = from;
    for (; to > end && arrivalMs[to - 1]! > arrival; to--) {
      sentMs[to] = sentMs[to - 1]!;
      arrivalMs[to] = arrivalMs[to - 1]!;
      sizeBytes[to] = sizeBytes[to - 1]!;
      cluster[to] = cluster[to - 1]!;
    }
    sentMs[to] = sent;
    arrivalMs[to] = arrival;
    sizeBytes[to] = size;
    cluster[to] = probe;
  }

  /** Rarely: only as large as one feedback ever was. */
  #grow(): void {
    const grown = new Arrivals(Math.max(FIRST_CAPACITY, this.sentMs.length * 2));
    grown.sentMs.set(this.sentMs);
    grown.arrivalMs.set(this.arrivalMs);
    grown.sizeBytes.set(this.sizeBytes);
    grown.cluster.set(this.cluster);
    this.sentMs = grown.sentMs;
    this.arrivalMs = grown.arrivalMs;
    this.sizeBytes = grown.sizeBytes;
    this.cluster = grown.cluster;
  }
}
