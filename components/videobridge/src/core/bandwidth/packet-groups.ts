/**
 * Groups packets that were sent within 5 ms, and tells how much further apart than their sending two
 * groups arrived (draft-ietf-rmcat-gcc-02 §5.2, §5.3, and libwebrtc's handling of bursts).
 */
import type { Arrivals } from './arrivals.ts';

const GROUP_MS = 5;
/** Packets that a path held up and then released at once count as one group, up to so long. */
const BURST_GAP_MS = 5;
const MAX_BURST_MS = 100;
/** Arrival that ran ahead of our own clock by so much: the other clock was set. */
const CLOCK_JUMP_MS = 3000;
const MAX_REORDERED = 3;

/** How far apart two groups of packets were sent, and how far apart they arrived. */
export interface GroupComparison {
  readonly sendDeltaMs: number;
  readonly arrivalDeltaMs: number;
  /** When that was known: the arrival of the packet after them, on the receiver's clock. */
  readonly knownMs: number;
}

export class PacketGroups implements GroupComparison {
  /** Results of `add`, valid after it returned true. */
  sendDeltaMs = 0;
  arrivalDeltaMs = 0;
  knownMs = 0;
  /** Of the group being filled: first and last sending, first and last arrival, ours at the end. */
  #firstSentMs = -1;
  #sentMs = 0;
  #firstArrivalMs = 0;
  #arrivalMs = 0;
  #handledMs = 0;
  #hasPrevious = false;
  #previousSentMs = 0;
  #previousArrivalMs = 0;
  #previousHandledMs = 0;
  #reordered = 0;

  /**
   * Takes packet `at`, in the order of arrival. True when it began a new group and the two groups
   * before it can be compared. `nowMs` is when the feedback came.
   */
  add(arrivals: Arrivals, at: number, nowMs: number): boolean {
    const sentMs = arrivals.sentMs[at]!;
    const arrivalMs = arrivals.arrivalMs[at]!;
    if (this.#firstSentMs < 0) {
      this.#begin(sentMs, arrivalMs, nowMs);
      return false;
    }
    if (sentMs < this.#firstSentMs) return false;
    if (this.#isSameGroup(sentMs, arrivalMs)) {
      this.#sentMs = Math.max(this.#sentMs, sentMs);
      this.#arrivalMs = Math.max(this.#arrivalMs, arrivalMs);
      this.#handledMs = nowMs;
      return false;
    }
    const isComparable = this.#hasPrevious && this.#compare();
    if (this.#firstSentMs < 0) {
      // The comparison has found a clock jump: nothing before counts.
      this.#begin(sentMs, arrivalMs, nowMs);
      return false;
    }
    this.#hasPrevious = true;
    this.#previousSentMs = this.#sentMs;
    this.#previousArrivalMs = this.#arrivalMs;
    this.#previousHandledMs = this.#handledMs;
    this.#begin(sentMs, arrivalMs, nowMs);
    this.knownMs = arrivalMs;
    return isComparable;
  }

  reset(): void {
    this.#firstSentMs = -1;
    this.#hasPrevious = false;
    this.#reordered = 0;
  }

  #begin(sentMs: number, arrivalMs: number, nowMs: number): void {
    this.#firstSentMs = sentMs;
    this.#sentMs = sentMs;
    this.#firstArrivalMs = arrivalMs;
    this.#arrivalMs = arrivalMs;
    this.#handledMs = nowMs;
  }

  #isSameGroup(sentMs: number, arrivalMs: number): boolean {
    if (sentMs - this.#firstSentMs <= GROUP_MS) return true;
    const sendDeltaMs = sentMs - this.#sentMs;
    const arrivalDeltaMs = arrivalMs - this.#arrivalMs;
    if (sendDeltaMs === 0) return true;
    return (
      arrivalDeltaMs < sendDeltaMs &&
      arrivalDeltaMs <= BURST_GAP_MS &&
      arrivalMs - this.#firstArrivalMs < MAX_BURST_MS
    );
  }

  #compare(): boolean {
    this.sendDeltaMs = this.#sentMs - this.#previousSentMs;
    this.arrivalDeltaMs = this.#arrivalMs - this.#previousArrivalMs;
    const handledDeltaMs = this.#handledMs - this.#previousHandledMs;
    if (this.arrivalDeltaMs - handledDeltaMs >= CLOCK_JUMP_MS) {
      this.reset();
      return false;
    }
    if (this.arrivalDeltaMs < 0) {
      if (++this.#reordered >= MAX_REORDERED) this.reset();
      return false;
    }
    this.#reordered = 0;
    return true;
  }
}
