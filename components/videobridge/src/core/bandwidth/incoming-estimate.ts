/**
 * How much the uplink of a sender carries that wants to be told by REMB, as receiver-side congestion control does
 * (draft-ietf-rmcat-gcc-02 with the estimator at the receiver): the same delay trend and rate control as towards receivers, over what
 * arrives. When it was sent the packets tell (abs-send-time), else, less exactly, the timestamps of their pictures.
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
/** RTP's clock of video, per ms. */
const TICKS_PER_MS = 90;

export class IncomingEstimate {
  readonly #sendTimes = new SendTimeReader();
  /** Of one packet. */
  readonly #arrivals = new Arrivals(1);
  readonly #delay = new DelayTrend();
  readonly #arriving = new AcknowledgedRate();
  readonly #rate = new RateControl(DEFAULT_START_BPS, DEFAULT_MIN_BPS, DEFAULT_MAX_BPS);
  /** The stream whose timestamps tell the time; each stream's begin at random. */
  #clockSsrc = -1;
  #clockHeardMs = Number.NEGATIVE_INFINITY;
  #lastTimestamp = 0;
  /** On a clock of its own, but never negative. */
  #pictureMs = 2 ** 31 / TICKS_PER_MS;
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
    this.#handle(this.#sendTimes.read(sendTime), sizeBytes, nowMs - ageMicros / 1000);
  }

  /** The same of a packet of video that does not tell when it was sent. `timestamp` may be signed or unsigned. */
  handlePicture(
    ssrc: number,
    timestamp: number,
    sizeBytes: number,
    nowMs: number,
    ageMicros: number,
  ): void {
    const arrivalMs = nowMs - ageMicros / 1000;
    if (ssrc !== this.#clockSsrc && arrivalMs - this.#clockHeardMs > NEWS_MS) {
      this.#clockSsrc = ssrc;
      this.#lastTimestamp = timestamp;
    }
    if (ssrc !== this.#clockSsrc) {
      this.#handle(Number.NaN, sizeBytes, arrivalMs);
      return;
    }
    this.#clockHeardMs = arrivalMs;
    this.#pictureMs += ((timestamp - this.#lastTimestamp) | 0) / TICKS_PER_MS;
    this.#lastTimestamp = timestamp;
    this.#handle(this.#pictureMs, sizeBytes, arrivalMs);
  }

  /** `sentMs`: NaN when it is not known. */
  #handle(sentMs: number, sizeBytes: number, arrivalMs: number): void {
    const arrivals = this.#arrivals;
    arrivals.clear();
    arrivals.add(sentMs, arrivalMs, sizeBytes);
    this.#lastArrivalMs = arrivalMs;
    if (!Number.isNaN(sentMs)) this.#delay.add(arrivals, arrivalMs);
    this.#arriving.add(arrivals, false);
    if (arrivalMs - this.#updatedMs < UPDATE_MS) return;
    this.#updatedMs = arrivalMs;
    this.#rate.update(this.#delay.usage, this.#arriving.bitrateBps, arrivalMs);
  }
}
