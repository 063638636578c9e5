/**
 * The sending half of an association: messages become numbered fragments, which stay here until they
 * are acknowledged (RFC 9260 §6.1, §6.3, §7). Everything is reliable and ordered.
 */
import { CHUNK_HEADER_BYTES, PACKET_HEADER_BYTES } from './chunk.ts';
import { CongestionWindow } from './congestion-window.ts';
import { DATA_HEADER_BYTES, type DataChunk } from './data-chunk.ts';
import type { RetransmissionTimeout } from './retransmission-timeout.ts';
import type { SackChunk } from './sack-chunk.ts';
import { nextTsn, previousTsn, tsnDistance } from './tsn.ts';

/** Reports that pass over a chunk before it is sent again (§7.2.4). */
const REPORTS_UNTIL_RESENT = 3;

interface QueuedMessage {
  readonly streamId: number;
  readonly payloadProtocol: number;
  readonly data: Uint8Array;
  /** Bytes that became fragments. */
  taken: number;
}

/** A fragment that was sent and is not yet acknowledged for good. */
interface SentChunk {
  readonly chunk: DataChunk;
  sentMs: number;
  transmissions: number;
  /** Beyond a gap; the receiver may still take it back. */
  isReported: boolean;
  passedOver: number;
  mustResend: boolean;
}

export interface SendQueueOptions {
  readonly initialTsn: number;
  /** Of the other side. */
  readonly windowBytes: number;
  readonly maxPacketBytes: number;
}

export class SendQueue {
  readonly #timeout: RetransmissionTimeout;
  readonly #congestion: CongestionWindow;
  readonly #maxFragmentBytes: number;
  readonly #messages: QueuedMessage[] = [];
  /** In the order of their TSNs, without holes. */
  #sent: SentChunk[] = [];
  readonly #streamSequences = new Map<number, number>();
  #nextTsn: number;
  #receiverWindowBytes: number;
  #flightBytes = 0;
  #queuedBytes = 0;
  /** One lost packet may go out beyond the window (§7.2.4). */
  #mayResendOne = false;
  #timeoutMs: number | undefined;

  constructor(options: SendQueueOptions, timeout: RetransmissionTimeout) {
    this.#timeout = timeout;
    this.#congestion = new CongestionWindow(options.maxPacketBytes);
    this.#maxFragmentBytes =
      options.maxPacketBytes - PACKET_HEADER_BYTES - CHUNK_HEADER_BYTES - DATA_HEADER_BYTES;
    this.#nextTsn = options.initialTsn;
    this.#receiverWindowBytes = options.windowBytes;
  }

  /** Of messages not yet under way. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Everything was sent and acknowledged. */
  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#sent.length === 0;
  }

  /** When to call `handleTimeout`. */
  get timeoutMs(): number | undefined {
    return this.#timeoutMs;
  }

  get lastAssignedTsn(): number {
    return previousTsn(this.#nextTsn);
  }

  /** `data`, which must not be empty, is kept. */
  add(streamId: number, payloadProtocol: number, data: Uint8Array): void {
    this.#messages.push({ streamId, payloadProtocol, data, taken: 0 });
    this.#queuedBytes += data.length;
  }

  /** The next message on these streams is number 0 again (RFC 6525 §5.2.2). */
  resetSequences(streamIds: readonly number[]): void {
    for (const streamId of streamIds) this.#streamSequences.delete(streamId);
  }

  /** The next chunk that may be sent and has at most `maxBytes` of data, to be sent now. */
  take(maxBytes: number, nowMs: number): DataChunk | undefined {
    const lost = this.#sent.find(({ mustResend }) => mustResend);
    return lost === undefined
      ? this.#takeNew(maxBytes, nowMs)
      : this.#takeLost(lost, maxBytes, nowMs);
  }

  /** False when it acknowledges what was never sent. */
  handleSack(sack: SackChunk, nowMs: number): boolean {
    const { cumulativeTsn } = sack;
    if (tsnDistance(cumulativeTsn, this.lastAssignedTsn) > 0) return false;
    const first = this.#sent[0]?.chunk.tsn ?? this.#nextTsn;
    if (tsnDistance(cumulativeTsn, previousTsn(first)) < 0) return true; // overtaken by a later one
    const wasFull = this.#flightBytes + this.#maxFragmentBytes > this.#congestion.windowBytes;
    const acknowledgedBytes = this.#drop(cumulativeTsn, nowMs);
    const highestNew = this.#markReported(sack, nowMs);
    this.#receiverWindowBytes = Math.max(0, sack.windowBytes - this.#flightBytes);
    if (acknowledgedBytes > 0) {
      this.#congestion.acknowledged(acknowledgedBytes, cumulativeTsn, wasFull);
    }
    if (highestNew !== undefined) this.#passOver(highestNew);
    if (this.#sent.length === 0) this.#timeoutMs = undefined;
    else if (acknowledgedBytes > 0) this.#timeoutMs = nowMs + this.#timeout.currentMs;
    return true;
  }

  /** Everything under way counts as lost (§6.3.3). */
  handleTimeout(): void {
    this.#timeout.backOff();
    this.#congestion.timedOut();
    for (const entry of this.#sent) {
      if (!entry.isReported) this.#giveUp(entry);
    }
    this.#timeoutMs = undefined;
  }

  /** Arrived in order: gone for good. Returns their bytes. */
  #drop(cumulativeTsn: number, nowMs: number): number {
    let count = 0;
    let bytes = 0;
    for (const entry of this.#sent) {
      if (tsnDistance(entry.chunk.tsn, cumulativeTsn) > 0) break;
      this.#arrived(entry, nowMs);
      bytes += entry.chunk.data.length;
      count++;
    }
    if (count > 0) this.#sent = this.#sent.slice(count);
    return bytes;
  }

  /** The highest TSN that this report tells of for the first time. */
  #markReported(sack: SackChunk, nowMs: number): number | undefined {
    let highestNew: number | undefined;
    let gap = 0;
    for (const entry of this.#sent) {
      const distance = tsnDistance(entry.chunk.tsn, sack.cumulativeTsn);
      while (gap < sack.gaps.length && sack.gaps[gap]!.end < distance) gap++;
      const isCovered = gap < sack.gaps.length && sack.gaps[gap]!.start <= distance;
      if (isCovered && !entry.isReported) {
        this.#arrived(entry, nowMs);
        entry.isReported = true;
        highestNew = entry.chunk.tsn;
      } else if (!isCovered && entry.isReported) {
        // The receiver has thrown it away again (§6.2.1).
        entry.isReported = false;
        entry.mustResend = true;
      }
    }
    return highestNew;
  }

  #arrived(entry: SentChunk, nowMs: number): void {
    if (entry.isReported) return;
    if (!entry.mustResend) this.#flightBytes -= entry.chunk.data.length;
    entry.mustResend = false;
    if (entry.transmissions === 1) this.#timeout.addRoundTrip(nowMs - entry.sentMs);
  }

  #passOver(highestNew: number): void {
    for (const entry of this.#sent) {
      if (tsnDistance(entry.chunk.tsn, highestNew) >= 0) return;
      if (entry.isReported || entry.mustResend) continue;
      if (++entry.passedOver < REPORTS_UNTIL_RESENT) continue;
      this.#giveUp(entry);
      if (this.#congestion.lost(this.lastAssignedTsn)) this.#mayResendOne = true;
    }
  }

  #giveUp(entry: SentChunk): void {
    if (entry.mustResend) return;
    entry.mustResend = true;
    this.#flightBytes -= entry.chunk.data.length;
  }

  #takeLost(entry: SentChunk, maxBytes: number, nowMs: number): DataChunk | undefined {
    const { length } = entry.chunk.data;
    if (length > maxBytes) return undefined;
    if (!this.#mayResendOne && !this.#hasRoom(length)) return undefined;
    this.#mayResendOne = false;
    entry.mustResend = false;
    entry.passedOver = 0;
    entry.transmissions++;
    this.#departs(entry, nowMs);
    return entry.chunk;
  }

  #takeNew(maxBytes: number, nowMs: number): DataChunk | undefined {
    const message = this.#messages[0];
    if (message === undefined) return undefined;
    const length = Math.min(message.data.length - message.taken, this.#maxFragmentBytes);
    if (length > maxBytes || !this.#hasRoom(length) || !this.#receiverHasRoom(length)) {
      return undefined;
    }
    const chunk = this.#fragment(message, length);
    const entry: SentChunk = {
      chunk,
      sentMs: nowMs,
      transmissions: 1,
      isReported: false,
      passedOver: 0,
      mustResend: false,
    };
    this.#sent.push(entry);
    this.#receiverWindowBytes = Math.max(0, this.#receiverWindowBytes - length);
    this.#departs(entry, nowMs);
    return chunk;
  }

  #fragment(message: QueuedMessage, length: number): DataChunk {
    const { streamId, payloadProtocol, data, taken } = message;
    const streamSequence = this.#streamSequences.get(streamId) ?? 0;
    const isLast = taken + length === data.length;
    const chunk: DataChunk = {
      tsn: this.#nextTsn,
      streamId,
      streamSequence,
      payloadProtocol,
      isUnordered: false,
      isFirst: taken === 0,
      isLast,
      data: data.subarray(taken, taken + length),
    };
    this.#nextTsn = nextTsn(this.#nextTsn);
    this.#queuedBytes -= length;
    message.taken += length;
    if (isLast) {
      this.#messages.shift();
      this.#streamSequences.set(streamId, (streamSequence + 1) & 0xffff);
    }
    return chunk;
  }

  #departs(entry: SentChunk, nowMs: number): void {
    entry.sentMs = nowMs;
    this.#flightBytes += entry.chunk.data.length;
    this.#timeoutMs ??= nowMs + this.#timeout.currentMs;
  }

  /** One packet may always be under way. */
  #hasRoom(length: number): boolean {
    return this.#flightBytes === 0 || this.#flightBytes + length <= this.#congestion.windowBytes;
  }

  /** A closed window is probed with one chunk (§6.1 A). */
  #receiverHasRoom(length: number): boolean {
    return this.#flightBytes === 0 || length <= this.#receiverWindowBytes;
  }
}
