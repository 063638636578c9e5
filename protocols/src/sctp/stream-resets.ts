/**
 * Stream reset (RFC 6525), which is how a data channel is closed (RFC 8831 §6.7): whoever closes
 * resets its outgoing stream, the other side answers and resets its own.
 */
import { type Parameter, readParameters, viewOf, writeParameters } from './chunk.ts';
import { nextTsn, previousTsn, tsnDistance } from './tsn.ts';

const OUTGOING_RESET_REQUEST = 13;
const INCOMING_RESET_REQUEST = 14;
const RESPONSE = 16;
/** SSN/TSN reset and the adding of streams: we do none of it. */
const OTHER_REQUESTS: readonly number[] = [15, 17, 18];
const MAX_STREAMS_PER_REQUEST = 64;

const Result = { performed: 1, denied: 2, badSequence: 5, inProgress: 6 } as const;

export interface ResetOutcome {
  /** The value of a RE-CONFIG chunk to send back. */
  readonly reply: Uint8Array | undefined;
  /** Streams on which the other side sends nothing more. */
  readonly resetByPeer: readonly number[];
  /** Our streams whose reset was confirmed. */
  readonly confirmed: readonly number[];
}

export class StreamResets {
  #nextRequest: number;
  #expectedRequest: number;
  #lastResult: number = Result.performed;
  /** The expected request was told to wait; stacks repeat it with its number or with the next. */
  #isDeferred = false;
  readonly #queued = new Set<number>();
  /** Streams of which only our half is closed; when the other half follows, they are as new. */
  readonly #halfClosed = new Set<number>();
  #pending: { readonly sequence: number; readonly streamIds: readonly number[] } | undefined;

  /** Requests are numbered from the initial TSNs on (RFC 6525 §4.1). */
  constructor(ownInitialTsn: number, peerInitialTsn: number) {
    this.#nextRequest = ownInitialTsn;
    this.#expectedRequest = peerInitialTsn;
  }

  get hasWork(): boolean {
    return this.#pending !== undefined || this.#queued.size > 0;
  }

  /** We close our half. */
  queue(streamIds: readonly number[]): void {
    for (const streamId of streamIds) {
      if (this.#queued.size >= MAX_STREAMS_PER_REQUEST) return;
      if (this.#halfClosed.has(streamId)) continue;
      this.#halfClosed.add(streamId);
      this.#queued.add(streamId);
    }
  }

  /** The other side closed its half: ours follows, unless we were first (RFC 8831 §6.7). */
  #answerClosing(streamIds: readonly number[]): void {
    for (const streamId of streamIds) {
      if (!this.#halfClosed.delete(streamId)) this.#queued.add(streamId);
    }
  }

  /** The value of the RE-CONFIG chunk of our request, new or repeated; everything on the streams has been sent. */
  request(lastAssignedTsn: number): Uint8Array | undefined {
    if (this.#pending === undefined) {
      if (this.#queued.size === 0) return undefined;
      const streamIds = [...this.#queued].slice(0, MAX_STREAMS_PER_REQUEST);
      this.#pending = { sequence: this.#nextRequest, streamIds };
      this.#nextRequest = nextTsn(this.#nextRequest);
      for (const streamId of streamIds) this.#queued.delete(streamId);
    }
    const { sequence, streamIds } = this.#pending;
    const value = new Uint8Array(12 + 2 * streamIds.length);
    const view = viewOf(value);
    view.setUint32(0, sequence);
    view.setUint32(4, previousTsn(this.#expectedRequest));
    view.setUint32(8, lastAssignedTsn);
    streamIds.forEach((streamId, i) => {
      view.setUint16(12 + 2 * i, streamId);
    });
    return writeParameters([{ type: OUTGOING_RESET_REQUEST, value }]);
  }

  /** `cumulativeTsn` is how far we have received: what was sent before a reset must be here first. */
  handle(value: Uint8Array, cumulativeTsn: number): ResetOutcome {
    const replies: Parameter[] = [];
    const resetByPeer: number[] = [];
    let confirmed: readonly number[] = [];
    for (const { type, value: body } of readParameters(value).slice(0, 2)) {
      const view = viewOf(body);
      if (type === OUTGOING_RESET_REQUEST && body.length >= 12) {
        const isEarly = tsnDistance(view.getUint32(8), cumulativeTsn) > 0;
        const result = isEarly ? Result.inProgress : Result.performed;
        const answer = this.#answer(view.getUint32(0), result);
        if (answer.isNew) resetByPeer.push(...streamIdsAt(view, 12));
        if (answer.isNew) this.#answerClosing(resetByPeer);
        replies.push(response(view.getUint32(0), answer.result));
      } else if (type === INCOMING_RESET_REQUEST && body.length >= 4) {
        const answer = this.#answer(view.getUint32(0), Result.performed);
        if (answer.isNew) this.queue(streamIdsAt(view, 4));
        replies.push(response(view.getUint32(0), answer.result));
      } else if (OTHER_REQUESTS.includes(type) && body.length >= 4) {
        const answer = this.#answer(view.getUint32(0), Result.denied);
        replies.push(response(view.getUint32(0), answer.result));
      } else if (type === RESPONSE && body.length >= 8) {
        if (view.getUint32(0) !== this.#pending?.sequence) continue;
        if (view.getUint32(4) === Result.inProgress) continue; // asked again later
        confirmed = this.#pending.streamIds;
        this.#pending = undefined;
      }
    }
    const reply = replies.length === 0 ? undefined : writeParameters(replies);
    return { reply, resetByPeer, confirmed };
  }

  /** Each request is carried out once; a repeated one gets the same answer. */
  #answer(sequence: number, result: number): { readonly result: number; readonly isNew: boolean } {
    if (sequence === previousTsn(this.#expectedRequest)) {
      return { result: this.#lastResult, isNew: false };
    }
    const isRenumbered = this.#isDeferred && sequence === nextTsn(this.#expectedRequest);
    if (sequence !== this.#expectedRequest && !isRenumbered) {
      return { result: Result.badSequence, isNew: false };
    }
    this.#expectedRequest = sequence;
    this.#isDeferred = result === Result.inProgress;
    if (this.#isDeferred) return { result, isNew: false };
    this.#expectedRequest = nextTsn(sequence);
    this.#lastResult = result;
    return { result, isNew: true };
  }
}

function streamIdsAt(view: DataView, start: number): number[] {
  const streamIds: number[] = [];
  for (let at = start; at + 2 <= view.byteLength; at += 2) {
    if (streamIds.length === MAX_STREAMS_PER_REQUEST) break;
    streamIds.push(view.getUint16(at));
  }
  return streamIds;
}

function response(sequence: number, result: number): Parameter {
  const value = new Uint8Array(8);
  const view = viewOf(value);
  view.setUint32(0, sequence);
  view.setUint32(4, result);
  return { type: RESPONSE, value };
}
