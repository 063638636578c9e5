/**
 * The receiving half of an association: which TSNs arrived (RFC 9260 §6.2) and the messages they make.
 *
 * Messages are given out in the order of their TSNs over all streams. That is the order in which the
 * sender began them, so every stream is in order; a loss on one stream holds up the others, which
 * matters little for the one channel that we serve and leaves nothing to be confused by.
 */
import type { DataChunk } from './data-chunk.ts';
import type { GapBlock, SackChunk } from './sack-chunk.ts';
import { nextTsn, previousTsn, tsnDistance } from './tsn.ts';

/** Chunks beyond a gap; more are not taken and have to be sent again. */
const MAX_WAITING_CHUNKS = 2048;
const MAX_TSN_AHEAD = 8192;
/** Fragments of one message: those of a long one are as large as packets allow. */
const MAX_PARTS = 2048;
/** Told in one SACK. */
const MAX_GAPS = 200;
const MAX_DUPLICATES = 16;

export interface ReceivedMessage {
  readonly streamId: number;
  readonly payloadProtocol: number;
  readonly data: Uint8Array;
}

export interface ReceiveWindowOptions {
  /** Bytes beyond a gap that are kept, and what the other side is told there is room for. */
  readonly windowBytes: number;
  /** A longer message is dropped whole. */
  readonly maxMessageBytes: number;
}

export class ReceiveWindow {
  /** Everything up to here arrived. */
  cumulativeTsn: number;
  /** Messages dropped for their length or the number of their parts, or because parts of them do not fit together. */
  droppedMessages = 0;
  readonly #options: ReceiveWindowOptions;
  readonly #waiting = new Map<number, DataChunk>();
  #waitingBytes = 0;
  #parts: Uint8Array[] | undefined;
  #partsBytes = 0;
  #messages: ReceivedMessage[] = [];
  #duplicates: number[] = [];

  constructor(options: ReceiveWindowOptions, initialTsn: number) {
    this.#options = options;
    this.cumulativeTsn = previousTsn(initialTsn);
  }

  /** Whether something is missing: the sender should know at once. */
  get hasGap(): boolean {
    return this.#waiting.size > 0;
  }

  /** False when it is a duplicate or there is no room for it. The data is copied. */
  add(chunk: DataChunk): boolean {
    const distance = tsnDistance(chunk.tsn, this.cumulativeTsn);
    if (distance <= 0 || this.#waiting.has(chunk.tsn)) {
      if (this.#duplicates.length < MAX_DUPLICATES) this.#duplicates.push(chunk.tsn);
      return false;
    }
    if (distance === 1) {
      this.#take(chunk);
      this.#advance();
      return true;
    }
    const { length } = chunk.data;
    if (distance > MAX_TSN_AHEAD || this.#waiting.size >= MAX_WAITING_CHUNKS) return false;
    if (this.#waitingBytes + length > this.#options.windowBytes) return false;
    this.#waiting.set(chunk.tsn, { ...chunk, data: chunk.data.slice() });
    this.#waitingBytes += length;
    return true;
  }

  /** The sender has given up everything up to `tsn` (RFC 3758 §3.6). */
  skipTo(tsn: number): void {
    const distance = tsnDistance(tsn, this.cumulativeTsn);
    if (distance > MAX_TSN_AHEAD) return;
    for (let i = 0; i < distance; i++) {
      const next = nextTsn(this.cumulativeTsn);
      const chunk = this.#waiting.get(next);
      if (chunk === undefined) {
        this.#parts = undefined;
        this.cumulativeTsn = next;
      } else this.#takeWaiting(chunk);
    }
    this.#advance();
  }

  takeMessages(): ReceivedMessage[] {
    const messages = this.#messages;
    if (messages.length > 0) this.#messages = [];
    return messages;
  }

  /** What to tell the sender; duplicates are told once. */
  takeSack(): SackChunk {
    const duplicates = this.#duplicates;
    this.#duplicates = [];
    return {
      cumulativeTsn: this.cumulativeTsn,
      windowBytes: Math.max(0, this.#options.windowBytes - this.#waitingBytes),
      gaps: this.#gaps(),
      duplicates,
    };
  }

  #gaps(): GapBlock[] {
    const distances = [...this.#waiting.keys()]
      .map((tsn) => tsnDistance(tsn, this.cumulativeTsn))
      .sort((a, b) => a - b);
    const gaps: { start: number; end: number }[] = [];
    for (const distance of distances) {
      const last = gaps.at(-1);
      if (last?.end === distance - 1) last.end = distance;
      else if (gaps.length === MAX_GAPS) break;
      else gaps.push({ start: distance, end: distance });
    }
    return gaps;
  }

  #advance(): void {
    for (;;) {
      const chunk = this.#waiting.get(nextTsn(this.cumulativeTsn));
      if (chunk === undefined) return;
      this.#takeWaiting(chunk);
    }
  }

  #takeWaiting(chunk: DataChunk): void {
    this.#waiting.delete(chunk.tsn);
    this.#waitingBytes -= chunk.data.length;
    this.#take(chunk);
  }

  /** The next chunk in order. */
  #take(chunk: DataChunk): void {
    this.cumulativeTsn = chunk.tsn;
    if (chunk.isFirst) {
      if (this.#parts !== undefined) this.droppedMessages++;
      this.#parts = [];
      this.#partsBytes = 0;
    }
    // The rest of a message that was dropped.
    if (this.#parts === undefined) return;
    this.#partsBytes += chunk.data.length;
    const isTooLong = this.#partsBytes > this.#options.maxMessageBytes;
    if (isTooLong || this.#parts.length === MAX_PARTS) {
      this.droppedMessages++;
      this.#parts = undefined;
      return;
    }
    this.#parts.push(chunk.data.slice());
    if (!chunk.isLast) return;
    this.#messages.push({
      streamId: chunk.streamId,
      payloadProtocol: chunk.payloadProtocol,
      data: joined(this.#parts, this.#partsBytes),
    });
    this.#parts = undefined;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const data = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}
