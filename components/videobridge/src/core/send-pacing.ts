/**
 * Of one receiver whose network is the bottleneck: when its next video packets may leave, and which wait. A key
 * frame that is sent at once fills the queue of a slow link, and what does not fit is lost, voices included.
 *
 * A bucket of bytes that fills at a multiple of the estimate; what waits stays in the retransmission caches and
 * is known here by its number only. It is emptied by `PacedSender`, every few milliseconds for all receivers together.
 */

/** Faster than the estimate: it may be too low, and a burst takes only a moment (libwebrtc: 2.5). */
const RATE = 1.5;
/** What may leave at once. */
const BURST_MS = 40;
const MIN_BURST_BYTES = 2400;
/** Nothing waits longer: rather faster than that. */
const MAX_WAIT_MS = 400;
/** More than that only for who sends more than there is, or all at once after it was held up. */
const LONG_WAIT_MS = 250;

/** Packets with numbers in a row. */
export interface WaitingPackets<Projection> {
  readonly projection: Projection;
  /** Extended, of the stream that the receiver sees. */
  nextSeq: number;
  readonly endSeq: number;
  /** When they were queued nothing with a higher number had been. */
  readonly isNewest: boolean;
  bytes: number;
}

/** `Projection`: what stands for one stream to the receiver. */
export class SendPacing<Projection> {
  readonly #waiting: WaitingPackets<Projection>[] = [];
  #waitingBytes = 0;
  #bytesPerMs = 0;
  /** As fast as it takes for nothing to wait too long, until nothing waits. */
  #hurryBytesPerMs = 0;
  #budgetBytes = 0;
  #minBurstBytes = MIN_BURST_BYTES;
  #filledMs = 0;

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** So much waits that less should be added. */
  get isLong(): boolean {
    return this.#waitingBytes > this.#bytesPerMs * LONG_WAIT_MS;
  }

  /** The first to leave. */
  get first(): WaitingPackets<Projection> | undefined {
    return this.#waiting[0];
  }

  /** `estimateBps`: what the receiver's network is believed to carry. `isQueueing`: a queue there is to get empty. */
  setRate(estimateBps: number, isQueueing: boolean): void {
    this.#bytesPerMs = ((isQueueing ? 1 : RATE) * estimateBps) / 8000;
    this.#minBurstBytes = isQueueing ? MIN_BURST_BYTES / 4 : MIN_BURST_BYTES;
  }

  /** Whether `bytes` may leave at once, which then counts; what came before goes first. */
  take(bytes: number, nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.isWaiting || bytes > this.#budgetBytes) return false;
    this.#budgetBytes -= bytes;
    return true;
  }

  /** Whether a lost packet may be repeated: before what waits, but not much faster than all else. */
  mayRepeat(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#budgetBytes > -MIN_BURST_BYTES;
  }

  /** Sent whatever waits: repeated packets. */
  spend(bytes: number): void {
    this.#budgetBytes -= bytes;
  }

  /** `count` packets from `extendedSeq` on wait, `bytes` in all; `isNewest`: they are no repair of something that was passed over. */
  wait(
    projection: Projection,
    extendedSeq: number,
    count: number,
    bytes: number,
    isNewest: boolean,
  ): void {
    const endSeq = extendedSeq + count;
    this.#waiting.push({ projection, nextSeq: extendedSeq, endSeq, isNewest, bytes });
    this.#waitingBytes += bytes;
    this.#hurryBytesPerMs = Math.max(this.#hurryBytesPerMs, this.#waitingBytes / MAX_WAIT_MS);
  }

  /**
   * Nothing of the projection waits any more, for it begins anew with a key frame, or ends. Returns the number from which
   * on nothing was sent, so that it may be used again (RFC 3711 §9.1), or -1: a repair that waited has a number below others
   * that were.
   */
  takeBack(projection: Projection): number {
    let firstSeq = -1;
    const others = this.#waiting.filter((packets) => {
      if (packets.projection !== projection) return true;
      if (packets.isNewest && firstSeq < 0) firstSeq = packets.nextSeq;
      return false;
    });
    this.#waitingBytes = 0;
    this.#waiting.splice(0, this.#waiting.length, ...others);
    for (const { bytes } of others) this.#waitingBytes += bytes;
    if (others.length === 0) this.#hurryBytesPerMs = 0;
    return firstSeq;
  }

  /** Whether the first that waits may leave now. */
  isDue(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.isWaiting && this.#budgetBytes > 0;
  }

  /** One of the first's packets left, with so many bytes, or 0: it was gone. */
  left(bytes: number): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#budgetBytes -= bytes;
    this.#waitingBytes -= bytes;
    first.bytes -= bytes;
    if (++first.nextSeq === first.endSeq) this.#waiting.shift();
    if (this.#waiting.length === 0) this.#hurryBytesPerMs = 0;
  }

  #fill(nowMs: number): void {
    const bytesPerMs = Math.max(this.#bytesPerMs, this.#hurryBytesPerMs);
    const maxBytes = Math.max(bytesPerMs * BURST_MS, this.#minBurstBytes);
    const filled = this.#budgetBytes + bytesPerMs * (nowMs - this.#filledMs);
    this.#budgetBytes = Math.min(filled, maxBytes);
    this.#filledMs = nowMs;
  }
}
