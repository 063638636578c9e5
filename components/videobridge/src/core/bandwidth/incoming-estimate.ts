/**
 * How much the uplink of a sender carries that tells when it sent its packets (abs-send-time) and wants to be told by
 * REMB, as receiver-side congestion control does (draft-ietf-rmcat-gcc-02 with the estimator at the receiver): the same delay
 * trend and rate control as towards receivers, over what arrives.
 */
import { SendTimeReader } from '@conclave/protocols/rtp';
import { AcknowledgedRate } from './acknowledged-rate.ts';
import { Arrivals } from './arrivals.ts';
import { DEFAULT_MAX_BPS, DEFAULT_MIN_BPS, DEFAULT_START_BPS } from './bandwidth-estimator.ts';
import { DelayTrend } from './delay-trend.ts';
import { RateControl } from './rate-control.ts';

/** What came before that says nothing about now. */
const NEWS_MS = 2000;
/** Rate control follows in such steps. */
const UPDATE_MS = 50;

export class IncomingEstimate {
  readonly #sendTimes = new SendTimeReader();
  /** Of one packet. */
  readonly #arrivals = new Arrivals(1);
  readonly #delay = new DelayTrend();
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
    return nowMs - this.#lastArrivalMs < NEWS_MS;
  }

  /** `sendTime`: the field's 24 bits. The packet arrived `ageMicros` before `nowMs`. */
  handlePacket(sendTime: number, sizeBytes: number, nowMs: number, ageMicros: number): void {
    const arrivalMs = nowMs - ageMicros / 1000;
    const arrivals = this.#arrivals;
    arrivals.clear();
    arrivals.add(this.#sendTimes.read(sendTime), arrivalMs, sizeBytes);
    this.#lastArrivalMs = arrivalMs;
    this.#delay.add(arrivals, arrivalMs);
    this.#arriving.add(arrivals, false);
    if (arrivalMs - this.#updatedMs < UPDATE_MS) return;
    this.#updatedMs = arrivalMs;
    this.#rate.update(this.#delay.usage, this.#arriving.bitrateBps, arrivalMs);
  }
}
