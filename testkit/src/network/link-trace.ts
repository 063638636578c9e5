/**
 * A bottleneck link in memory and a sender of video that follows its own estimate: what congestion
 * control makes of a changing network, in virtual time. Everything is seeded: the same trace
 * gives the same numbers.
 */
import { SeededRandom } from '../seeded-random.ts';

/** Congestion control under test; the videobridge's `BandwidthEstimator` fits. */
export interface CongestionControl {
  readonly estimateBps: number;
  wantedBps: number;
  packetSent(seq: number, sizeBytes: number, nowMs: number): void;
  probeBytesDue(nowMs: number): number;
  handleTick(nowMs: number): void;
  handleFeedback(feedback: TraceFeedback, nowMs: number): void;
}

/** Transport-wide feedback, parsed: times in 250 us. */
export interface TraceFeedback {
  readonly baseSeq: number;
  readonly count: number;
  readonly referenceTicks: number;
  readonly ticks: Int32Array;
}

export interface LinkTrace {
  readonly name: string;
  readonly seed: number;
  readonly durationMs: number;
  capacityBps(atMs: number): number;
  /** What the receiver would like, default 4 Mbit/s. */
  wantedBps?(atMs: number): number;
  /** What the application has to send at most (layers that exist), default what is wanted. */
  offeredBps?(atMs: number): number;
  /** Traffic of others at a fixed rate through the same queue. */
  crossBps?(atMs: number): number;
  /** Others that grow until they lose packets, then halve: between these times. */
  readonly greedyMs?: readonly [number, number];
  /** Longest queue, default 300 ms. */
  readonly queueMs?: number;
  /** One way, default 25. */
  readonly delayMs?: number;
  /** Up to so much more, by chance, without reordering. */
  readonly jitterMs?: number;
  /** 0..1, by chance. */
  readonly loss?: number;
}

/** All integers, so that they can be compared with what was recorded. */
export interface TraceResult {
  readonly name: string;
  /** Delivered, of what was both available and wanted, in %. */
  readonly utilisationPercent: number;
  /** Time in which the estimate was more than 10 % above what was available, in %. */
  readonly overshootPercent: number;
  readonly queueP50Ms: number;
  readonly queueP95Ms: number;
  readonly queueMaxMs: number;
  /** Packets lost, of 1000. */
  readonly lossPermille: number;
  /** Mean over the last 5 s. */
  readonly finalKbps: number;
  readonly probePercent: number;
}

const PACKET_BYTES = 1200;
const FRAME_MS = 33;
const FEEDBACK_MS = 50;
const PROBE_MS = 5;
const TICK_MS = 20;
const LOST = -0x8000_0000;
/** Not zero, so that wrapping is part of the trace: just below the wrap of 16 bits, and of 24 bits. */
const FIRST_SEQ = 65_000;
const FIRST_REFERENCE = 0x7fff_f0 * 256;

export function runLinkTrace(trace: LinkTrace, control: CongestionControl): TraceResult {
  const random = new SeededRandom(trace.seed);
  const link = new Link(trace, random);
  const sender = new Sender(control, link);
  const score = new Score(trace, control);
  const receiver = new Receiver();
  for (let nowMs = 0; nowMs < trace.durationMs; nowMs++) {
    const wantedBps = trace.wantedBps?.(nowMs) ?? 4_000_000;
    link.sendOthers(nowMs);
    if (nowMs % FRAME_MS === 0) {
      control.wantedBps = wantedBps;
      const offeredBps = trace.offeredBps?.(nowMs) ?? wantedBps;
      sender.sendFrame(Math.min(control.estimateBps, offeredBps), nowMs);
    }
    if (nowMs % TICK_MS === 0) control.handleTick(nowMs);
    if (nowMs % PROBE_MS === 0) sender.sendProbe(nowMs);
    receiver.take(link, nowMs);
    if (nowMs % FEEDBACK_MS === 0) {
      const feedback = receiver.report(nowMs, trace.delayMs ?? 25);
      if (feedback !== undefined) control.handleFeedback(feedback, nowMs);
    }
    score.note(link, wantedBps, nowMs);
  }
  return score.result(sender, receiver);
}

interface Packet {
  readonly index: number;
  readonly sizeBytes: number;
  readonly arrivalMs: number;
}

/** One queue, served at the trace's rate, drop-tail. */
class Link {
  readonly inFlight: Packet[] = [];
  readonly #trace: LinkTrace;
  readonly #random: SeededRandom;
  #busyUntilMs = 0;
  #lastArrivalMs = 0;
  #crossBits = 0;
  #greedyBps = 100_000;

  constructor(trace: LinkTrace, random: SeededRandom) {
    this.#trace = trace;
    this.#random = random;
  }

  queueMs(nowMs: number): number {
    return Math.max(0, this.#busyUntilMs - nowMs);
  }

  /** What is left for the sender under test. */
  availableBps(nowMs: number): number {
    const { greedyMs, crossBps } = this.#trace;
    const isShared = greedyMs !== undefined && nowMs >= greedyMs[0] && nowMs < greedyMs[1];
    const capacityBps = this.#trace.capacityBps(nowMs) - (crossBps?.(nowMs) ?? 0);
    return isShared ? capacityBps / 2 : capacityBps;
  }

  send(index: number, sizeBytes: number, nowMs: number): void {
    const { delayMs = 25, jitterMs = 0, loss = 0 } = this.#trace;
    const isKept = this.#enqueue(sizeBytes, nowMs);
    const jitter = jitterMs * this.#random.fraction();
    if (!isKept || this.#random.fraction() < loss) return;
    const arrivalMs = Math.max(this.#lastArrivalMs, this.#busyUntilMs + delayMs + jitter);
    this.#lastArrivalMs = arrivalMs;
    this.inFlight.push({ index, sizeBytes, arrivalMs });
  }

  /** One millisecond of everybody else's packets. */
  sendOthers(nowMs: number): void {
    const { crossBps, greedyMs } = this.#trace;
    const isGreedy = greedyMs !== undefined && nowMs >= greedyMs[0] && nowMs < greedyMs[1];
    this.#crossBits += ((crossBps?.(nowMs) ?? 0) + (isGreedy ? this.#greedyBps : 0)) / 1000;
    if (isGreedy && nowMs % 100 === 0) this.#greedyBps += 30_000;
    while (this.#crossBits >= PACKET_BYTES * 8) {
      this.#crossBits -= PACKET_BYTES * 8;
      if (!this.#enqueue(PACKET_BYTES, nowMs)) this.#greedyBps = Math.max(1e5, this.#greedyBps / 2);
    }
  }

  #enqueue(sizeBytes: number, nowMs: number): boolean {
    const serviceMs = (sizeBytes * 8000) / this.#trace.capacityBps(nowMs);
    if (this.queueMs(nowMs) > (this.#trace.queueMs ?? 300)) return false;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + serviceMs;
    return true;
  }
}

class Sender {
  packets = 0;
  bytes = 0;
  probeBytes = 0;
  readonly #control: CongestionControl;
  readonly #link: Link;
  #leftBytes = 0;

  constructor(control: CongestionControl, link: Link) {
    this.#control = control;
    this.#link = link;
  }

  sendFrame(rateBps: number, nowMs: number): void {
    this.#leftBytes += (rateBps * FRAME_MS) / 8000;
    while (this.#leftBytes >= 200) {
      const sizeBytes = Math.min(PACKET_BYTES, Math.floor(this.#leftBytes));
      this.#leftBytes -= sizeBytes;
      this.#send(sizeBytes, nowMs);
    }
  }

  sendProbe(nowMs: number): void {
    for (let due = this.#control.probeBytesDue(nowMs); due > 0; ) {
      this.probeBytes += PACKET_BYTES;
      this.#send(PACKET_BYTES, nowMs);
      due = this.#control.probeBytesDue(nowMs);
    }
  }

  #send(sizeBytes: number, nowMs: number): void {
    const index = this.packets++;
    this.bytes += sizeBytes;
    this.#control.packetSent((FIRST_SEQ + index) & 0xffff, sizeBytes, nowMs);
    this.#link.send(index, sizeBytes, nowMs);
  }
}

class Receiver {
  packets = 0;
  bytes = 0;
  #next = 0;
  #arrived: Packet[] = [];
  readonly #onTheWay: { readonly feedback: TraceFeedback; readonly atMs: number }[] = [];

  take(link: Link, nowMs: number): void {
    while ((link.inFlight[0]?.arrivalMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const packet = link.inFlight.shift()!;
      this.#arrived.push(packet);
      this.packets++;
      this.bytes += packet.sizeBytes;
    }
  }

  /** Writes feedback about what arrived, and returns what the sender gets now. */
  report(nowMs: number, delayMs: number): TraceFeedback | undefined {
    const last = this.#arrived.at(-1);
    if (last !== undefined) {
      const count = last.index - this.#next + 1;
      const ticks = new Int32Array(count).fill(LOST);
      const reference = Math.floor(this.#arrived[0]!.arrivalMs / 64) * 256;
      for (const { index, arrivalMs } of this.#arrived) {
        ticks[index - this.#next] = Math.floor(arrivalMs * 4) - reference;
      }
      const baseSeq = (FIRST_SEQ + this.#next) & 0xffff;
      const referenceTicks = (FIRST_REFERENCE + reference) | 0;
      this.#onTheWay.push({
        feedback: { baseSeq, count, referenceTicks, ticks },
        atMs: nowMs + delayMs,
      });
      this.#next = last.index + 1;
      this.#arrived = [];
    }
    const first = this.#onTheWay[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.#onTheWay.shift();
    return first.feedback;
  }
}

class Score {
  readonly #trace: LinkTrace;
  readonly #control: CongestionControl;
  readonly #queuesMs: number[] = [];
  #possibleBits = 0;
  #overshootMs = 0;
  #finalBits = 0;

  constructor(trace: LinkTrace, control: CongestionControl) {
    this.#trace = trace;
    this.#control = control;
  }

  note(link: Link, wantedBps: number, nowMs: number): void {
    const { estimateBps } = this.#control;
    const availableBps = link.availableBps(nowMs);
    const offeredBps = this.#trace.offeredBps?.(nowMs) ?? wantedBps;
    this.#possibleBits += Math.min(availableBps, offeredBps) / 1000;
    if (estimateBps > 1.1 * availableBps) this.#overshootMs++;
    this.#queuesMs.push(link.queueMs(nowMs));
    if (nowMs >= this.#trace.durationMs - 5000) this.#finalBits += estimateBps / 1000;
  }

  result(sender: Sender, receiver: Receiver): TraceResult {
    const sorted = this.#queuesMs.sort((a, b) => a - b);
    const quantile = (q: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
    const percent = (part: number, whole: number) => Math.round((100 * part) / whole);
    return {
      name: this.#trace.name,
      utilisationPercent: percent(receiver.bytes * 8, this.#possibleBits),
      overshootPercent: percent(this.#overshootMs, this.#trace.durationMs),
      queueP50Ms: quantile(0.5),
      queueP95Ms: quantile(0.95),
      queueMaxMs: quantile(1),
      lossPermille: Math.round((1000 * (sender.packets - receiver.packets)) / sender.packets),
      finalKbps: Math.round(this.#finalBits / 5 / 1000),
      probePercent: percent(sender.probeBytes, sender.bytes),
    };
  }
}
