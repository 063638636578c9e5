/**
 * The four messages that begin an association (RFC 9260 §5): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, and what
 * each side must remember between them. The cookie is a random number; see `association.ts`.
 */
import type { RandomSource } from '@conclave/base';
import { type Chunk, ChunkType, viewOf } from './chunk.ts';
import { type InitChunk, parseInitChunk, writeInitChunk } from './init-chunk.ts';

const COOKIE_BYTES = 32;

/** Our half of what identifies an association. */
export interface OwnNumbers {
  readonly tag: number;
  readonly initialTsn: number;
}

/** An INIT that was answered; the association begins when its cookie comes back. */
export interface Offered {
  readonly own: OwnNumbers;
  readonly peer: InitChunk;
  readonly cookie: Uint8Array;
}

/** A chunk with the tag that its packet carries. */
export interface Addressed {
  readonly peerTag: number;
  readonly chunk: Chunk;
}

export class Handshake {
  /** Of the association that is, or is to be; undefined while there is none. */
  own: OwnNumbers | undefined;
  /** When INIT or COOKIE ECHO is sent again. */
  dueMs: number | undefined;
  readonly #random: RandomSource;
  readonly #windowBytes: number;
  #offered: Offered | undefined;
  #repeated: Addressed | undefined;

  constructor(random: RandomSource, windowBytes: number) {
    this.#random = random;
    this.#windowBytes = windowBytes;
  }

  /** INIT or COOKIE ECHO, until it is answered. */
  get repeated(): Addressed | undefined {
    return this.#repeated;
  }

  /** INIT, for the active side. */
  begin(): Addressed {
    const own = this.#newNumbers();
    this.own = own;
    return { peerTag: 0, chunk: this.#initChunk(ChunkType.init, own, undefined) };
  }

  /** `sent` is repeated at `dueMs` until `stop`. */
  repeat(sent: Addressed, dueMs: number): void {
    this.#repeated = sent;
    this.dueMs = dueMs;
  }

  stop(): void {
    this.#repeated = undefined;
    this.dueMs = undefined;
  }

  /** Forgets everything. */
  reset(): void {
    this.stop();
    this.own = undefined;
    this.#offered = undefined;
  }

  /**
   * INIT ACK, also for an INIT that is sent again, and one of a peer that has started anew (§5.2); undefined for what is no
   * INIT. `isConnecting`: ours is under way.
   */
  answerInit(value: Uint8Array, isConnecting: boolean): Addressed | undefined {
    const peer = parseInitChunk(value);
    if (peer === undefined) return undefined;
    const isRepeated =
      this.#offered?.peer.initiateTag === peer.initiateTag &&
      this.#offered.peer.initialTsn === peer.initialTsn;
    if (!isRepeated || this.#offered === undefined) {
      // Two INITs that cross each other must lead to the same numbers (§5.2.1).
      const own = isConnecting && this.own !== undefined ? this.own : this.#newNumbers();
      this.#offered = { own, peer, cookie: this.#random.bytes(COOKIE_BYTES) };
    }
    const { own, cookie } = this.#offered;
    const chunk = this.#initChunk(ChunkType.initAck, own, cookie);
    return { peerTag: peer.initiateTag, chunk };
  }

  /** What the cookie in a packet with this tag belongs to; undefined when it is not ours. */
  offerOf(tag: number, cookie: Uint8Array): Offered | undefined {
    const offered = this.#offered;
    const isOurs =
      offered !== undefined && tag === offered.own.tag && isEqual(cookie, offered.cookie);
    return isOurs ? offered : undefined;
  }

  /** The association begins with what was offered. */
  accept(offered: Offered): void {
    this.#offered = offered;
    this.own = offered.own;
  }

  #newNumbers(): OwnNumbers {
    const view = viewOf(this.#random.bytes(8));
    return { tag: view.getUint32(0) || 1, initialTsn: view.getUint32(4) };
  }

  #initChunk(type: number, own: OwnNumbers, cookie: Uint8Array | undefined): Chunk {
    const value = writeInitChunk({
      initiateTag: own.tag,
      windowBytes: this.#windowBytes,
      initialTsn: own.initialTsn,
      cookie,
    });
    return { type, flags: 0, value };
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
