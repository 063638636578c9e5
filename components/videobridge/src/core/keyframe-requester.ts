/**
 * Asks senders for key frames (PLI, RFC 4585 §6.3.1; FIR, RFC 5104 §4.3.1), for switches of our own
 * and on behalf of receivers, within limits: an encoder that is asked too often sends nothing else.
 */
import type { FeedbackTarget } from './feedback-target.ts';

/** Between two requests to one source, whoever wanted them. */
const MIN_INTERVAL_MS = 200;
/** Our own requests double their interval up to this while no key frame comes. */
const MAX_INTERVAL_MS = 3200;
/** Per receiver and source: at most three requests in this time … */
const RECEIVER_WINDOW_MS = 10_000;
/** … and then one now and then: who lost it must not look at a still picture for ten seconds. */
const RECEIVER_INTERVAL_MS = 2000;

export class KeyframeState {
  lastRequestMs = Number.NEGATIVE_INFINITY;
  /** Requests since the last key frame. */
  unanswered = 0;
  /** Ever, of all encodings. */
  requested = 0;
  received = 0;
  /** FIR command sequence number. */
  firSeq = 0;
}

/** A video, as far as key frames are concerned. */
export interface KeyframeSource {
  readonly owner: FeedbackTarget;
  /** Encodings. */
  readonly streams: readonly { readonly ssrc: number }[];
  readonly keyframes: KeyframeState;
}

/** A receiver's view of it. */
interface KeyframeReceiver {
  readonly source: KeyframeSource;
  /** Encodings by index, -1 for none. */
  readonly currentIndex: number;
  readonly targetIndex: number;
  /** Of the last three requests, the newest first. */
  readonly keyframeRequestsMs: Float64Array;
}

export interface KeyframeTransport {
  /** Sends PLI or FIR for an SSRC of the source to its owner. */
  requestKeyframe(source: KeyframeSource, ssrc: number): void;
}

export class KeyframeRequester {
  readonly #transport: KeyframeTransport;
  requested = 0;
  suppressed = 0;
  /** Key frames that began, of all sources and encodings. */
  received = 0;

  constructor(transport: KeyframeTransport) {
    this.#transport = transport;
  }

  /** A projection waits for a key frame of encoding `index`. Called again and again until it comes. */
  want(source: KeyframeSource, index: number, nowMs: number): void {
    const { keyframes } = source;
    const doublings = Math.max(0, Math.min(keyframes.unanswered - 1, 5));
    const intervalMs = Math.min(MIN_INTERVAL_MS << doublings, MAX_INTERVAL_MS);
    if (nowMs - keyframes.lastRequestMs < intervalMs) return;
    this.#send(source, index, nowMs);
  }

  /** A receiver's PLI or FIR: passed on unless this receiver, or everybody together, asks too often. */
  requestFor(projection: KeyframeReceiver, nowMs: number): void {
    const { source, keyframeRequestsMs: times } = projection;
    const index = projection.currentIndex >= 0 ? projection.currentIndex : projection.targetIndex;
    const isLimited =
      nowMs - times[0]! < MIN_INTERVAL_MS ||
      (nowMs - times[2]! < RECEIVER_WINDOW_MS && nowMs - times[0]! < RECEIVER_INTERVAL_MS) ||
      nowMs - source.keyframes.lastRequestMs < MIN_INTERVAL_MS;
    if (index < 0 || isLimited) {
      this.suppressed++;
      return;
    }
    times[2] = times[1]!;
    times[1] = times[0]!;
    times[0] = nowMs;
    this.#send(source, index, nowMs);
  }

  /** A key frame of the source has begun. */
  keyframeArrived(source: KeyframeSource): void {
    this.received++;
    source.keyframes.received++;
    source.keyframes.unanswered = 0;
  }

  #send(source: KeyframeSource, index: number, nowMs: number): void {
    const stream = source.streams[index];
    if (stream === undefined) return;
    source.keyframes.lastRequestMs = nowMs;
    source.keyframes.unanswered++;
    this.requested++;
    source.keyframes.requested++;
    this.#transport.requestKeyframe(source, stream.ssrc);
  }
}
