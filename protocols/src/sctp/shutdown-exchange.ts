/** SHUTDOWN and SHUTDOWN ACK, first and again until the other side answers (RFC 9260 §9.2). */
import { bareChunk, type Chunk, ChunkType, viewOf } from './chunk.ts';
import type { AssociationState } from './contract.ts';

/** Unanswered ones until the association is given up. */
const MAX_SENT = 5;

/** What is sent, and the state after it. */
export interface ShutdownStep {
  readonly chunk: Chunk;
  readonly state: AssociationState;
}

export class ShutdownExchange {
  /** When to send again; undefined when nothing is waited for. */
  #dueMs: number | undefined;
  #sent = 0;

  get dueMs(): number | undefined {
    return this.#dueMs;
  }

  /** What follows in `state` when all data was delivered; undefined for nothing, now or at all. */
  next(
    state: AssociationState,
    cumulativeTsn: number,
    repeatAtMs: number,
  ): ShutdownStep | undefined {
    if (this.#dueMs !== undefined) return undefined;
    if (state === 'shutdown-received' || state === 'shutdown-ack-sent') {
      return this.acknowledge(repeatAtMs);
    }
    if (state !== 'shutting-down' && state !== 'shutdown-sent') return undefined;
    const value = new Uint8Array(4);
    viewOf(value).setUint32(0, cumulativeTsn);
    this.#note(repeatAtMs);
    return { chunk: { type: ChunkType.shutdown, flags: 0, value }, state: 'shutdown-sent' };
  }

  /** At once, also when both sides began at the same time. */
  acknowledge(repeatAtMs: number): ShutdownStep {
    this.#note(repeatAtMs);
    return { chunk: bareChunk(ChunkType.shutdownAck), state: 'shutdown-ack-sent' };
  }

  /** True when it was sent often enough; else `next` sends again what is due. */
  handleTimeout(nowMs: number): boolean {
    if (this.#dueMs === undefined || this.#dueMs > nowMs) return false;
    this.#dueMs = undefined;
    return this.#sent >= MAX_SENT;
  }

  reset(): void {
    this.#dueMs = undefined;
    this.#sent = 0;
  }

  #note(repeatAtMs: number): void {
    this.#sent++;
    this.#dueMs = repeatAtMs;
  }
}
