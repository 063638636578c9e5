/**
 * What a receiver report says about one SSRC (RFC 3550 §6.4.1, algorithms of A.1, A.3 and A.8).
 *
 * Sans-I/O. Feed every packet of the SSRC, then fill a block per report interval.
 */
import { extendSeq, seqDiff, timestampDiff } from '@conclave/base';
import { compactNtp, compactNtpFromMs } from './ntp-time.ts';
import type { ReportBlock } from './reports.ts';

/** A jump ahead of less than this is loss (RFC 3550 A.1). */
const MAX_DROPOUT = 3000;
/** A packet at most this far behind is late, not a restart (RFC 3550 A.1). */
const MAX_MISORDER = 100;

export class ReceiverReportState {
  readonly ssrc: number;
  readonly #unitsPerMs: number;
  #highestExtended = -1;
  #baseExtended = 0;
  #received = 0;
  /** After a jump: the number that would prove that the sender restarted (RFC 3550 A.1, bad_seq). */
  #expectedAfterJump = -1;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #jitter = 0;
  #lastTimestamp = 0;
  #lastArrivalMs = 0;
  #lastSr = 0;
  #lastSrArrivalMs = 0;

  /** `clockRateHz` of the payload type, e.g. 90000 or 48000. */
  constructor(ssrc: number, clockRateHz: number) {
    this.ssrc = ssrc;
    this.#unitsPerMs = clockRateHz / 1000;
  }

  /**
   * Records a packet with `seq` (0..65535) and `rtpTimestamp` (unsigned 32 bits), which came `ageMicros` before `nowMs`: two numbers,
   * because their difference would have to be allocated for each packet.
   */
  handlePacket(seq: number, rtpTimestamp: number, nowMs: number, ageMicros = 0): void {
    if (this.#highestExtended < 0) {
      this.#restart(seq, rtpTimestamp, nowMs - ageMicros / 1000);
      this.#received = 1;
      return;
    }
    const distance = seqDiff(seq, this.#highestExtended & 0xffff);
    if (distance >= MAX_DROPOUT || distance < -MAX_MISORDER) {
      // Two in a row: the other side restarted without telling us (RFC 3550 A.1).
      if (seq === this.#expectedAfterJump) {
        this.#restart(seq, rtpTimestamp, nowMs - ageMicros / 1000);
        this.#received = 1;
      } else {
        this.#expectedAfterJump = (seq + 1) & 0xffff;
      }
      return;
    }
    this.#expectedAfterJump = -1;
    this.#received++; // duplicates count, as A.3 says
    if (distance <= 0) return;
    this.#highestExtended = extendSeq(seq, this.#highestExtended);
    // Packets of one frame share a timestamp and leave in a burst: no sign of the network's jitter.
    if (rtpTimestamp === this.#lastTimestamp) return;
    const arrivalMs = nowMs - ageMicros / 1000;
    const arrivalUnits = (arrivalMs - this.#lastArrivalMs) * this.#unitsPerMs;
    const deviation = Math.abs(arrivalUnits - timestampDiff(rtpTimestamp, this.#lastTimestamp));
    this.#jitter += (deviation - this.#jitter) / 16; // A.8
    this.#lastTimestamp = rtpTimestamp;
    this.#lastArrivalMs = arrivalMs;
  }

  /** Records a sender report of this SSRC that arrived at `nowMs`. */
  handleSenderReport(ntpSeconds: number, ntpFraction: number, nowMs: number): void {
    this.#lastSr = compactNtp(ntpSeconds, ntpFraction);
    this.#lastSrArrivalMs = nowMs;
  }

  /** Whether packets arrived since the last `fillReportBlock`; only then a block is due (RFC 3550 §6.4). */
  get hasNews(): boolean {
    return this.#received !== this.#receivedPrior;
  }

  /** Packets received since the (re)start, with duplicates. */
  get receivedCount(): number {
    return this.#received;
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return this.#jitter / this.#unitsPerMs;
  }

  /** Fills `block` and begins the next interval. */
  fillReportBlock(block: ReportBlock, nowMs: number): void {
    const expected = this.#highestExtended < 0 ? 0 : this.#highestExtended - this.#baseExtended + 1;
    const expectedInterval = expected - this.#expectedPrior;
    const lostInterval = expectedInterval - (this.#received - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#received;
    block.ssrc = this.ssrc;
    block.fractionLost =
      expectedInterval <= 0 || lostInterval <= 0
        ? 0
        : Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
    const lost = expected - this.#received;
    block.cumulativeLost = Math.max(-0x80_0000, Math.min(0x7f_ffff, lost));
    block.highestSeq = this.#highestExtended < 0 ? 0 : this.#highestExtended >>> 0;
    block.jitter = Math.min(0xffff_ffff, Math.floor(this.#jitter));
    block.lastSr = this.#lastSr;
    block.delaySinceLastSr =
      this.#lastSr === 0 ? 0 : compactNtpFromMs(nowMs - this.#lastSrArrivalMs);
  }

  #restart(seq: number, rtpTimestamp: number, arrivalMs: number): void {
    this.#baseExtended = seq;
    this.#highestExtended = seq;
    this.#expectedAfterJump = -1;
    this.#expectedPrior = 0;
    this.#received = 0;
    this.#receivedPrior = 0;
    this.#jitter = 0;
    this.#lastTimestamp = rtpTimestamp;
    this.#lastArrivalMs = arrivalMs;
  }
}
