/** What a probe has shown: the lesser of the rates at which it was sent and arrived (as libwebrtc's). */
import type { Arrivals } from './arrivals.ts';

/** Of the packets and bytes planned, so many must have arrived. */
const MIN_ARRIVED = 0.8;
/** Arriving faster than that in relation to sending is a measuring error. */
const MAX_ARRIVAL_RATIO = 2;
/** Arriving clearly slower than sent: the path is full, and a little less is taken. */
const SATURATED = 0.9;
const UTILISATION = 0.95;
const MAX_INTERVAL_MS = 1000;

export class ProbeResult {
  #cluster = 0;
  #minPackets = 0;
  #minBytes = 0;
  #skipBytes = 0;
  #packets = 0;
  #bytes = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;
  /** Bytes that were sent at the last moment, and came in before the time that is measured. */
  #lastSentBytes = 0;
  #firstArrivedBytes = 0;
  #firstArrivalMs = 0;
  #lastArrivalMs = 0;

  /** Expect packets of `cluster`, of which the first `skipBytes` bytes do not count for how fast the others arrive. */
  begin(cluster: number, minPackets: number, minBytes: number, skipBytes: number): void {
    this.#skipBytes = skipBytes;
    this.#cluster = cluster;
    this.#minPackets = minPackets;
    this.#minBytes = minBytes;
    this.#packets = 0;
    this.#bytes = 0;
  }

  /** The bitrate that was shown with these, or -1. */
  add(arrivals: Arrivals): number {
    let shownBps = -1;
    for (let i = 0; i < arrivals.count; i++) {
      const cluster = arrivals.cluster[i]!;
      if (cluster === 0 || cluster !== this.#cluster) continue;
      this.#addOne(arrivals, i);
      shownBps = Math.max(shownBps, this.#bitrateBps());
    }
    return shownBps;
  }

  #addOne(arrivals: Arrivals, at: number): void {
    const sizeBytes = arrivals.sizeBytes[at]!;
    const sentMs = arrivals.sentMs[at]!;
    const arrivalMs = arrivals.arrivalMs[at]!;
    if (this.#packets === 0) {
      this.#firstSentMs = sentMs;
      this.#lastSentMs = sentMs;
      this.#lastSentBytes = 0;
      this.#firstArrivalMs = arrivalMs;
      this.#lastArrivalMs = arrivalMs;
      this.#firstArrivedBytes = sizeBytes;
    }
    if (sentMs > this.#lastSentMs) this.#lastSentBytes = 0;
    if (sentMs >= this.#lastSentMs) {
      this.#lastSentMs = sentMs;
      this.#lastSentBytes += sizeBytes;
    }
    this.#firstSentMs = Math.min(this.#firstSentMs, sentMs);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    this.#packets++;
    this.#bytes += sizeBytes;
    if (this.#firstArrivedBytes < this.#skipBytes) {
      this.#firstArrivedBytes = this.#bytes;
      this.#firstArrivalMs = arrivalMs;
    }
  }

  #bitrateBps(): number {
    if (this.#packets < this.#minPackets * MIN_ARRIVED) return -1;
    if (this.#bytes < this.#minBytes * MIN_ARRIVED) return -1;
    const sendMs = this.#lastSentMs - this.#firstSentMs;
    const arrivalMs = this.#lastArrivalMs - this.#firstArrivalMs;
    if (sendMs <= 0 || sendMs > MAX_INTERVAL_MS) return -1;
    if (arrivalMs <= 0 || arrivalMs > MAX_INTERVAL_MS) return -1;
    const sendBps = ((this.#bytes - this.#lastSentBytes) * 8000) / sendMs;
    const arrivalBps = ((this.#bytes - this.#firstArrivedBytes) * 8000) / arrivalMs;
    if (arrivalBps > MAX_ARRIVAL_RATIO * sendBps) return -1;
    return arrivalBps < SATURATED * sendBps
      ? UTILISATION * arrivalBps
      : Math.min(sendBps, arrivalBps);
  }
}
