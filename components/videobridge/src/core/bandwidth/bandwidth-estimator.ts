/**
 * How much one receiver's downlink carries: send-side estimation from transport-wide feedback.
 *
 * Google congestion control as in draft-ietf-rmcat-gcc-02 with what libwebrtc (M138) does since: delay
 * trend, additive/multiplicative rate control, a bound from loss, and probes. The parts are in
 * the files beside this one; deviations are named there. Pure, and nothing is allocated per packet.
 */
import { AcknowledgedRate } from './acknowledged-rate.ts';
import { ApplicationLimit } from './application-limit.ts';
import { Arrivals } from './arrivals.ts';
import { DelayTrend } from './delay-trend.ts';
import { LossBound } from './loss-bound.ts';
import { ProbeController } from './probe-controller.ts';
import { ProbeResult } from './probe-result.ts';
import { RateControl } from './rate-control.ts';
import type { SentReader, UnreadSends } from './sent-log.ts';
import { PacketState, SENT_PACKETS, SentPackets } from './sent-packets.ts';
import { StandingQueue } from './standing-queue.ts';

export const DEFAULT_START_BPS = 2_500_000;
export const DEFAULT_MIN_BPS = 30_000;
export const DEFAULT_MAX_BPS = 20_000_000;

/** Nothing was sent for so long: a pause. */
const PAUSE_MS = 2000;
/** Packets were sent, but no feedback came for so long: the path is worse than we think. */
const FEEDBACK_TIMEOUT_MS = 2000;
/** No feedback for so long: what was seen last is over, and nothing else will correct it. */
const QUIET_MS = 1000;
/** A shorter queue than that is none. */
const STANDING_QUEUE_MS = 80;
/** A probe that shows less than this part of what it tried has found the limit. */
const ALL_THERE_IS = 0.9;
/** In `ticks`: not received. */
const LOST_TICKS = -0x8000_0000;
const MAX_RTT_MS = 10_000;

/** A parsed feedback (`TransportCcFeedback` of protocols/rtcp). */
export interface PacketFeedback {
  /** 0..65535 */
  readonly baseSeq: number;
  readonly count: number;
  /** In units of 250 us, wrapping at 32 bits. */
  readonly referenceTicks: number;
  /** After `referenceTicks`, or -2^31 for packets that did not arrive. */
  readonly ticks: Int32Array;
}

export interface BandwidthEstimatorOptions {
  readonly startBps?: number;
  readonly minBps?: number;
  readonly maxBps?: number;
  /** Sends that are told by this rather than by `packetSent`. */
  readonly unread?: UnreadSends;
}

export class BandwidthEstimator {
  /** Bit/s of RTP packets. The start value until feedback comes. */
  estimateBps: number;
  /** Whether any feedback came: before, the estimate is a guess. */
  hasFeedback = false;
  /**
   * What else is sent to this receiver without transport-wide numbers (audio), in bit/s. A probe is over too soon to
   * meet much of it, and shows what the link carries in all.
   */
  uncountedBps = 0;
  readonly #minBps: number;
  readonly #delay = new DelayTrend();
  readonly #acknowledged = new AcknowledgedRate();
  readonly #queue = new StandingQueue();
  readonly #limit = new ApplicationLimit();
  readonly #probeResult = new ProbeResult();
  readonly #rate: RateControl;
  readonly #loss: LossBound;
  readonly #probes: ProbeController;
  /** As `#loss` wants to know it. */
  readonly #path = { rateBps: 0, uncountedBps: 0, isQueueing: false, isDelayed: false, rttMs: 0 };
  /** Made by the first packet: most of a small server's endpoints never see video. */
  #sent: SentPackets | undefined;
  /** Of the feedback that is being read. */
  readonly #arrivals = new Arrivals();
  readonly #unread: UnreadSends | undefined;
  readonly #noteSentWhenRead: SentReader = (seq, sizeBytes, sentMs) =>
    this.#noteSent(seq, sizeBytes, sentMs);
  #lastSentMs = 0;
  #lastReferenceTicks = 0;
  #baseTicks = 0;
  #lastFeedbackMs = 0;
  #wasLimited = false;

  constructor(options: BandwidthEstimatorOptions = {}) {
    const { startBps = DEFAULT_START_BPS, minBps = DEFAULT_MIN_BPS } = options;
    const { maxBps = DEFAULT_MAX_BPS } = options;
    this.#unread = options.unread;
    this.estimateBps = startBps;
    this.#minBps = minBps;
    this.#rate = new RateControl(startBps, minBps, maxBps);
    this.#loss = new LossBound(minBps);
    this.#probes = new ProbeController(maxBps);
  }

  /** What the receiver would be sent if there were no limit; probes aim at it. */
  set wantedBps(bitrateBps: number) {
    this.#probes.wantedBps = bitrateBps;
  }

  /** Whether nothing of what is wanted is sent: only probes can show that it could be. */
  set isStarved(isStarved: boolean) {
    this.#probes.isStarved = isStarved;
  }

  /** Part of the packets that were lost lately, 0..1. */
  get loss(): number {
    return this.#loss.loss;
  }

  /** Bit/s that the delay of packets allows. */
  get delayBps(): number {
    return this.#rate.bitrateBps;
  }

  /** Bit/s that their loss allows, Infinity while it bounds nothing. */
  get lossBps(): number {
    return this.#loss.boundBps;
  }

  /** How long packets wait in a queue on the path that does not get empty. */
  queueMs(nowMs: number): number {
    return this.#queue.delayMs(nowMs);
  }

  /** A queue on the path does not get empty: what is sent is all that it carries, at least. */
  isQueueing(nowMs: number): boolean {
    return this.#queue.delayMs(nowMs) > STANDING_QUEUE_MS;
  }

  /** The newest packet that we know of waited: the queue may be new, and be over soon. */
  isDelayed(nowMs: number): boolean {
    return this.#queue.newestDelayMs(nowMs) > STANDING_QUEUE_MS;
  }

  get isProbing(): boolean {
    return this.#probes.cluster !== 0;
  }

  get probesStarted(): number {
    return this.#probes.started;
  }

  /** A packet with transport-wide number `seq` (0..65535) is sent. */
  packetSent(seq: number, sizeBytes: number, nowMs: number): void {
    this.#readSent();
    this.#noteSent(seq, sizeBytes, nowMs);
  }

  /** Before anything follows from what was sent: takes note of all that was. */
  #readSent(): void {
    this.#unread?.read(this.#noteSentWhenRead);
  }

  #noteSent(seq: number, sizeBytes: number, sentMs: number): void {
    this.#sent ??= new SentPackets();
    this.#sent.put(seq, sizeBytes, this.#probes.cluster, sentMs);
    this.#probes.packetSent(sizeBytes);
    this.#limit.sent(sizeBytes, this.estimateBps, sentMs);
    // The first after a pause: the silence before it is no missing feedback.
    if (sentMs - this.#lastSentMs > PAUSE_MS) this.#lastFeedbackMs = sentMs;
    this.#lastSentMs = sentMs;
  }

  /** Bytes that the present probe has in all. */
  get probeSizeBytes(): number {
    return this.#probes.minBytes;
  }

  /** Bytes of padding or repeated packets to send now, so that a probe gets its rate. */
  probeBytesDue(nowMs: number): number {
    this.#readSent();
    return this.#probes.bytesDue(nowMs);
  }

  /** Call about every 20 ms. */
  handleTick(nowMs: number): void {
    if (!this.hasFeedback) return;
    this.#readSent();
    this.#startProbe(nowMs);
    const isSending = nowMs - this.#lastSentMs < FEEDBACK_TIMEOUT_MS;
    if (!isSending || nowMs - this.#lastFeedbackMs < FEEDBACK_TIMEOUT_MS) return;
    this.#lastFeedbackMs = nowMs;
    this.#probes.abort(nowMs);
    this.#rate.set(this.estimateBps / 2, nowMs);
    this.#combine();
  }

  handleFeedback(feedback: PacketFeedback, nowMs: number): void {
    this.#readSent();
    const sent = this.#sent;
    if (sent === undefined) return;
    this.#lastFeedbackMs = nowMs;
    this.#setReference(feedback.referenceTicks);
    this.#read(feedback, sent, nowMs);
    const arrivals = this.#arrivals;
    const usageBefore = this.#delay.usage;
    if (arrivals.count > 0) {
      this.hasFeedback = true;
      this.#queue.add(arrivals);
      this.#delay.add(arrivals, nowMs);
      this.#acknowledge(arrivals);
    }
    const probedBps = this.#probeResult.add(arrivals);
    const { usage } = this.#delay;
    const beforeBps = this.estimateBps;
    if (usage !== 'overusing' && probedBps > 0) this.#setProbed(probedBps, nowMs);
    else if (arrivals.count > 0) this.#rate.update(usage, this.#acknowledged.bitrateBps, nowMs);
    this.#boundByLoss(nowMs);
    this.#combine();
    if (usage === 'overusing' || this.#loss.isBackingOff(nowMs)) this.#probes.abort(nowMs);
    if (usageBefore === 'underusing' && usage === 'normal') this.#probes.handleRecovery(nowMs);
    if (probedBps > 0 && this.#probes.handleResult(probedBps, beforeBps, nowMs)) {
      this.#expectResult();
    }
    this.#startProbe(nowMs);
  }

  /** Notes losses and collects what arrived, in the order of arrival. */
  #read(feedback: PacketFeedback, sent: SentPackets, nowMs: number): void {
    const arrivals = this.#arrivals;
    arrivals.clear(this.#baseTicks);
    let newestSentMs = -1;
    for (let i = 0; i < feedback.count && arrivals.count < SENT_PACKETS; i++) {
      const at = sent.find((feedback.baseSeq + i) & 0xffff);
      if (at < 0) continue;
      const state = sent.state(at);
      const ticks = feedback.ticks[i]!;
      if (ticks === LOST_TICKS) {
        if (state !== PacketState.inFlight) continue;
        sent.setState(at, PacketState.lost);
        this.#loss.add(sent.sizeBytes(at), true);
        continue;
      }
      if (state === PacketState.received) continue;
      if (state === PacketState.lost) this.#loss.correct(sent.sizeBytes(at));
      else this.#loss.add(sent.sizeBytes(at), false);
      sent.setState(at, PacketState.received);
      newestSentMs = Math.max(newestSentMs, sent.sentMs(at));
      arrivals.addSent(sent, at, ticks);
    }
    const rttMs = nowMs - newestSentMs;
    if (newestSentMs >= 0 && rttMs <= MAX_RTT_MS) {
      this.#rate.rttMs += (Math.max(0, rttMs) - this.#rate.rttMs) / 8;
    }
  }

  #boundByLoss(nowMs: number): void {
    const path = this.#path;
    path.rateBps = this.estimateBps;
    path.uncountedBps = this.uncountedBps;
    path.isQueueing = this.isQueueing(nowMs);
    path.isDelayed = this.isDelayed(nowMs);
    path.rttMs = this.#rate.rttMs;
    this.#loss.update(path, nowMs);
  }

  #acknowledge(arrivals: Arrivals): void {
    const { isLimited } = this.#limit;
    if (this.#wasLimited && !isLimited) this.#acknowledged.expectFastChange();
    this.#wasLimited = isLimited;
    this.#acknowledged.add(arrivals, isLimited);
  }

  /** What arrives anyway is not put in doubt by a probe that was held up. */
  #setProbed(probedBps: number, nowMs: number): void {
    const arrivingBps = Math.min(this.#rate.bitrateBps, this.#acknowledged.bitrateBps);
    // Clearly less than was tried: that is all there is, for everything together.
    const isAll = probedBps < ALL_THERE_IS * this.#probes.lastTargetBps;
    const countedBps = isAll ? probedBps - this.uncountedBps : probedBps;
    this.#rate.setProbed(Math.max(countedBps, arrivingBps), nowMs);
    this.#loss.setProbed(countedBps);
  }

  #combine(): void {
    const bitrateBps = Math.min(this.#rate.bitrateBps, this.#loss.boundBps);
    this.estimateBps = Math.max(this.#minBps, bitrateBps);
  }

  #startProbe(nowMs: number): void {
    const isQuiet = nowMs - this.#lastFeedbackMs > QUIET_MS;
    const isCongested =
      (!isQuiet && this.#delay.usage !== 'normal') || this.#loss.isBackingOff(nowMs);
    if (this.#probes.handleTick(this.estimateBps, isCongested, nowMs)) this.#expectResult();
  }

  #expectResult(): void {
    const { cluster, minPackets, minBytes, skipBytes } = this.#probes;
    this.#probeResult.begin(cluster, minPackets, minBytes, skipBytes);
  }

  #setReference(referenceTicks: number): void {
    // The difference wraps at 32 bits, as the field does.
    this.#baseTicks += (referenceTicks - this.#lastReferenceTicks) | 0;
    this.#lastReferenceTicks = referenceTicks;
  }
}
