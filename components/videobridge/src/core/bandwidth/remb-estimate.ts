/**
 * How much one receiver's downlink carries, by its own account: REMB (draft-alvestrand-rmcat-remb-03) of receivers that do not
 * send transport-wide feedback, bounded by the loss that their reports tell (draft-ietf-rmcat-gcc-02 §6). A
 * receiver's estimate does not rise above 1.5 times what it gets, so it must be given more than pictures at times: padding, as
 * far as more is wanted.
 */
import { DEFAULT_MAX_BPS, DEFAULT_MIN_BPS, DEFAULT_START_BPS } from './bandwidth-estimator.ts';

const LOW_LOSS = 0.02;
const HIGH_LOSS = 0.1;
const GROWTH = 1.08;
const GROWTH_BPS = 1000;
/** One look at the loss. */
const WINDOW_MS = 1000;
/** Padding that is due and was not sent is forgotten after so long. */
const MAX_PADDING_MS = 100;
/** A step of padding: more than what is sent, in relation to it. */
const PADDING_STEP = 1.25;

export class RembEstimate {
  estimateBps = DEFAULT_START_BPS;
  hasFeedback = false;
  /** What the receiver would be sent if there were no limit. */
  wantedBps = 0;
  /** What it is sent. */
  sentBps = 0;
  #rembBps = DEFAULT_MAX_BPS;
  #lossBoundBps = Number.POSITIVE_INFINITY;
  #windowMs = -1;
  #lossSum = 0;
  #reports = 0;
  #paddingBytes = 0;
  #paddingMs = 0;

  handleRemb(bitrateBps: number, nowMs: number): void {
    if (!this.hasFeedback) this.#paddingMs = nowMs;
    this.hasFeedback = true;
    this.#rembBps = Math.min(Math.max(bitrateBps, DEFAULT_MIN_BPS), DEFAULT_MAX_BPS);
    this.#combine();
  }

  /** Of one report block on video; `fractionLost` in 0..1. */
  handleReport(fractionLost: number, nowMs: number): void {
    if (!this.hasFeedback) return;
    if (this.#windowMs < 0) this.#windowMs = nowMs;
    this.#lossSum += fractionLost;
    this.#reports++;
    if (nowMs - this.#windowMs < WINDOW_MS) return;
    const loss = this.#lossSum / this.#reports;
    this.#windowMs = nowMs;
    this.#lossSum = 0;
    this.#reports = 0;
    if (loss > HIGH_LOSS) this.#lossBoundBps = this.estimateBps * (1 - loss / 2);
    else if (loss < LOW_LOSS) this.#lossBoundBps = this.#lossBoundBps * GROWTH + GROWTH_BPS;
    this.#combine();
  }

  /** Whether the receiver is to be shown that more would fit. */
  get isPadding(): boolean {
    return this.#paddingBps > 0;
  }

  /** Bytes of padding to send now. */
  paddingBytesDue(nowMs: number): number {
    const bytesPerMs = this.#paddingBps / 8000;
    this.#paddingBytes += bytesPerMs * (nowMs - this.#paddingMs);
    this.#paddingBytes = Math.min(this.#paddingBytes, bytesPerMs * MAX_PADDING_MS);
    this.#paddingMs = nowMs;
    return Math.max(0, this.#paddingBytes);
  }

  paddingSent(bytes: number): void {
    this.#paddingBytes -= bytes;
  }

  get #paddingBps(): number {
    if (!this.hasFeedback) return 0;
    const step = Math.max(this.sentBps * PADDING_STEP, DEFAULT_MIN_BPS);
    const targetBps = Math.min(this.wantedBps, this.estimateBps, step);
    return Math.max(0, targetBps - this.sentBps);
  }

  #combine(): void {
    const boundBps = Math.max(this.#lossBoundBps, DEFAULT_MIN_BPS);
    this.estimateBps = Math.min(this.#rembBps, boundBps);
  }
}
