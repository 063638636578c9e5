/** Starts checks on pairs and sends them again (RFC 8445 §7.2.2, §14.3). */
import type { RandomSource } from '@conclave/base';
import { type StunCrypto, TRANSACTION_ID_BYTES } from '../stun/index.ts';
import type { CandidatePair, Check } from './candidate-pair.ts';
import { writeCheckRequest } from './check-message.ts';
import type { IceRole } from './contract.ts';

/** When a check is sent again, and how often. */
export interface CheckSchedule {
  /** Until the first retransmission. */
  readonly intervalMs: number;
  readonly maxTransmissions: number;
  /** The interval doubles each time. */
  readonly backsOff: boolean;
}

/** What all checks of an agent at one moment have in common. */
export interface CheckIdentity {
  /** `<remote ufrag>:<local ufrag>` */
  readonly username: string;
  /** HMAC key from the remote password. */
  readonly key: Uint8Array;
  readonly role: IceRole;
  readonly tieBreaker: Uint8Array;
}

export interface CheckSenderDependencies {
  readonly crypto: StunCrypto;
  readonly random: RandomSource;
  /** Called with each datagram; the address is the pair's own. */
  readonly send: (address: Uint8Array, packet: Uint8Array) => void;
}

export class CheckSender {
  /** Transmissions so far. */
  sentCount = 0;
  readonly #dependencies: CheckSenderDependencies;
  /** First four bytes of every transaction id. */
  readonly #transactionPrefix: number;

  constructor(dependencies: CheckSenderDependencies, transactionPrefix: number) {
    this.#dependencies = dependencies;
    this.#transactionPrefix = transactionPrefix;
  }

  /** A new check on `pair`; the one under way stays valid for a late answer. `nominates` only counts when controlling. */
  start(
    pair: CandidatePair,
    identity: CheckIdentity,
    nominates: boolean,
    schedule: CheckSchedule,
    nowMs: number,
  ): void {
    const transactionId = this.#newTransactionId();
    const isNominating = nominates && identity.role === 'controlling';
    const packet = writeCheckRequest(
      { ...identity, transactionId, nominates: isNominating },
      identity.key,
      this.#dependencies.crypto,
    );
    pair.previousCheck = pair.check ?? pair.previousCheck;
    pair.check = {
      transactionId,
      packet,
      nominates: isNominating,
      backsOff: schedule.backsOff,
      role: identity.role,
      maxTransmissions: schedule.maxTransmissions,
      transmissions: 0,
      intervalMs: schedule.intervalMs,
      startedMs: nowMs,
      sentMs: nowMs,
      dueMs: nowMs,
    };
    pair.isTriggered = false;
    if (pair.state !== 'succeeded') pair.state = 'in-progress';
    this.repeat(pair, pair.check, nowMs);
  }

  /** The next transmission by schedule. */
  retransmit(pair: CandidatePair, check: Check, nowMs: number): void {
    if (check.backsOff) check.intervalMs *= 2;
    this.repeat(pair, check, nowMs);
  }

  /** Sends the check once more without a longer wait than before. */
  repeat(pair: CandidatePair, check: Check, nowMs: number): void {
    check.transmissions++;
    this.sentCount++;
    check.sentMs = nowMs;
    check.dueMs = nowMs + check.intervalMs;
    this.#dependencies.send(pair.address, check.packet);
  }

  /** DEVIATION: RFC 8489 §5 wants 96 random bits; 32 of ours tell which agent the answer is for. */
  #newTransactionId(): Uint8Array {
    const id = new Uint8Array(TRANSACTION_ID_BYTES);
    new DataView(id.buffer).setUint32(0, this.#transactionPrefix);
    id.set(this.#dependencies.random.bytes(TRANSACTION_ID_BYTES - 4), 4);
    return id;
  }
}
