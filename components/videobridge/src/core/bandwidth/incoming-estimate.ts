/**
 * How much the uplink of a sender carries that tells when it sent its packets (abs-send-time) and wants to be told by
 * REMB, as receiver-side congestion control does (draft-ietf-rmcat-gcc-02 with the estimator at the receiver): the same delay
 * trend and rate control as towards receivers, over what arrives.
 */
import { SendTimeReader } from '@conclave/protocols/rtp';
import { AcknowledgedRate } from './acknowledged-rate.ts';
import { DEFAULT_MAX_BPS, DEFAULT_MIN_BPS, DEFAULT_START_BPS } from './bandwidth-estimator.ts';
import { PacketGroups } from './packet-groups.ts';
import { RateControl } from './rate-control.ts';
import { Trendline } from './trendline.ts';

/** The delay of packets before a pause of this length says nothing any more. */
const PAUSE_MS = 2000;
/** Rate control follows in such steps. */
const UPDATE_MS = 50;

export class IncomingEstimate {
  readonly #sendTimes = new SendTimeReader();
  readonly #groups = new PacketGroups();
  readonly #trendline = new Trendline();
  readonly #arriving = new AcknowledgedRate();
  readonly #rate = new RateControl(DEFAULT_START_BPS, DEFAULT_MIN_BPS, DEFAULT_MAX_BPS);
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #updatedMs = Number.NEGATIVE_INFINITY;

  /** To tell the sender, in bit/s. */
  get estimateBps(): number {
    return this.#rate.bitrateBps;
  }

  /** Anything came lately that the estimate is about. */
  hasNews(nowMs: number): boolean {
    return nowMs - this.#lastArrivalMs < PAUSE_MS;
  }

  /** `sendTime`: the field's 24 bits. */
  handlePacket(sendTime: number, sizeBytes: number, arrivalMs: number): void {
    const sentMs = this.#sendTimes.read(sendTime);
    if (arrivalMs - this.#lastArrivalMs > PAUSE_MS) {
      this.#groups.reset();
      this.#trendline.reset();
    }
    this.#lastArrivalMs = arrivalMs;
    if (this.#groups.add(sentMs, arrivalMs, arrivalMs)) {
      this.#trendline.update(this.#groups.sendDeltaMs, this.#groups.arrivalDeltaMs, arrivalMs);
    }
    this.#arriving.add(sizeBytes, arrivalMs, false);
    if (arrivalMs - this.#updatedMs < UPDATE_MS) return;
    this.#updatedMs = arrivalMs;
    this.#rate.update(this.#trendline.usage, this.#arriving.bitrateBps, arrivalMs);
  }
}
