/**
 * One remote address as seen from one local candidate: a candidate pair (RFC 8445 §6.1.2) with the
 * check that is under way on it.
 */
import { LOCAL_AT } from './address.ts';
import type { IceCandidateType, IceRole } from './contract.ts';

/** One STUN transaction and its retransmissions (RFC 8489 §6.2.1). */
export interface Check {
  readonly transactionId: Uint8Array;
  readonly packet: Uint8Array;
  /** It carries USE-CANDIDATE in order to select the pair. */
  readonly nominates: boolean;
  /** Its interval doubles; that of checks on valid pairs (consent, nomination) does not. */
  readonly backsOff: boolean;
  /** Our role in it. */
  readonly role: IceRole;
  readonly maxTransmissions: number;
  transmissions: number;
  /** Until the next retransmission. */
  intervalMs: number;
  /** First transmission. */
  readonly startedMs: number;
  /** Last transmission. */
  sentMs: number;
  /** Next retransmission, or the end. */
  dueMs: number;
}

export type PairState = 'waiting' | 'in-progress' | 'succeeded' | 'failed';

export class CandidatePair {
  /** Own copy. */
  readonly address: Uint8Array;
  type: IceCandidateType;
  /** Of the remote candidate. */
  remotePriority: number;
  state: PairState = 'waiting';
  /** A check came from there: ours goes before ordinary ones (RFC 8445 §7.3.1.4). */
  isTriggered = false;
  /** An authenticated request came from this address. */
  isAllowed = false;
  /** As controlled agent: the other side wants this pair as soon as it is valid. */
  isWantedByRemote = false;
  /** The fragment after the colon of a request that came before we knew the remote credentials. */
  remoteUfrag: string | undefined;
  check: Check | undefined;
  /** The one before, whose late answer still counts. */
  previousCheck: Check | undefined;
  /** Last authenticated message from there. */
  heardMs: number;

  constructor(address: Uint8Array, type: IceCandidateType, remotePriority: number, nowMs: number) {
    this.address = Uint8Array.from(address);
    this.type = type;
    this.remotePriority = remotePriority;
    this.heardMs = nowMs;
  }

  /** An authentic message came; `address` says where to. */
  heardFrom(address: Uint8Array, nowMs: number): void {
    this.heardMs = nowMs;
    if (this.address[LOCAL_AT] === 0) this.address[LOCAL_AT] = address[LOCAL_AT] ?? 0;
  }

  /** The check this transaction id belongs to. */
  findCheck(transactionId: Uint8Array): Check | undefined {
    if (this.check !== undefined && isSameId(this.check.transactionId, transactionId)) {
      return this.check;
    }
    const previous = this.previousCheck;
    return previous !== undefined && isSameId(previous.transactionId, transactionId)
      ? previous
      : undefined;
  }
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
