/**
 * The bridge's end of ICE (RFC 8445): full agent, one component, one local candidate (the UDP port all
 * endpoints share), normally controlling. A pair is therefore a remote address. This file authenticates
 * and answers; `connectivity.ts` checks, selects and keeps consent.
 *
 * Sans-I/O: one input, then drain `pollOutput`, then the next input; call `handleTimeout` at
 * `nextTimeoutMs`. An ICE restart is a second agent beside the first, run by whoever has both.
 */
import { type RandomSource, randomUint32, TokenBucket } from '@conclave/base';
import {
  ErrorCode,
  Priority,
  parseStunMessage,
  readStunAttribute,
  STUN_BINDING,
  STUN_ERRORS,
  type StunCrypto,
  type StunError,
  type StunMessage,
  shortTermKey,
  UseCandidate,
  verifyFingerprint,
  verifyIntegrity,
} from '../stun/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import { writeCheckError, writeCheckSuccess } from './check-message.ts';
import { judgeCheckRequest } from './check-request.ts';
import { Connectivity } from './connectivity.ts';
import type {
  IceAgentOptions,
  IceCounters,
  IceCredentials,
  IceOutput,
  IceRemoteCandidate,
  IceRole,
  IceState,
} from './contract.ts';
import { areIceCredentials, type IceSettings, iceSettings } from './ice-settings.ts';
import { usableAddress } from './remote-candidate.ts';
import { RoleState } from './role-state.ts';

export interface IceAgentDependencies {
  readonly crypto: StunCrypto;
  readonly random: RandomSource;
}

/** Outputs kept for a caller that does not drain. */
const MAX_OUTPUTS = 256;

export class IceAgent {
  readonly localUfrag: string;
  readonly localPassword: string;
  /** First four bytes of our transaction ids, for `IceRegistry`; the other 64 bits are random. */
  readonly transactionPrefix: number;
  readonly #crypto: StunCrypto;
  readonly #settings: IceSettings;
  readonly #localKey: Uint8Array;
  readonly #role: RoleState;
  readonly #connectivity: Connectivity;
  readonly #clientRate: TokenBucket;
  readonly #strangerRate: TokenBucket;
  readonly #outputs: IceOutput[] = [];
  readonly #counters = {
    requestsAnswered: 0,
    requestsRefused: 0,
    responsesAccepted: 0,
    indications: 0,
    checksSent: 0,
    roleConflicts: 0,
    droppedMalformed: 0,
    droppedUsername: 0,
    droppedIntegrity: 0,
    droppedUnmatched: 0,
    droppedRate: 0,
    droppedPairs: 0,
    droppedFailed: 0,
    ignoredCandidates: 0,
  };
  #remote: { readonly ufrag: string; readonly key: Uint8Array } | undefined;
  #remoteCandidates = 0;

  /** `options.local` are ours to choose; RangeError when they are no ICE credentials. */
  constructor(dependencies: IceAgentDependencies, options: IceAgentOptions, nowMs: number) {
    if (!areIceCredentials(options.local)) throw new RangeError('bad local ICE credentials');
    const settings = iceSettings(options);
    const { crypto, random } = dependencies;
    this.#crypto = crypto;
    this.#settings = settings;
    this.localUfrag = settings.local.ufrag;
    this.localPassword = settings.local.password;
    const prefix = randomUint32(random);
    const { transactionByte } = options;
    this.transactionPrefix =
      transactionByte === undefined ? prefix : transactionByte * 2 ** 24 + (prefix & 0xff_ffff);
    this.#localKey = shortTermKey(settings.local.password);
    this.#role = new RoleState(settings.role, random);
    this.#connectivity = new Connectivity(
      { crypto, random, emit: (output) => this.#emit(output) },
      settings,
      this.#role,
      this.transactionPrefix,
      nowMs,
    );
    const perSecond = settings.maxMessagesPerSecond;
    this.#clientRate = new TokenBucket(perSecond, perSecond, nowMs);
    this.#strangerRate = new TokenBucket(perSecond, perSecond, nowMs);
  }

  get state(): IceState {
    return this.#connectivity.state;
  }

  get role(): IceRole {
    return this.#role.role;
  }

  /** Where media goes now; undefined before `connected`. Not to be changed. */
  get selectedAddress(): Uint8Array | undefined {
    return this.#connectivity.selected?.address;
  }

  /** Smoothed round-trip time of checks on the selected pair. */
  get rttMs(): number | undefined {
    return this.#connectivity.rttMs;
  }

  /** Pairs held, at most `maxPairs`. */
  get pairCount(): number {
    return this.#connectivity.pairs.all.length;
  }

  /** Totals; the object lives on with the agent and keeps counting. */
  get counters(): IceCounters {
    this.#counters.checksSent = this.#connectivity.checksSent;
    this.#counters.roleConflicts = this.#role.conflicts;
    return this.#counters;
  }

  /** What to do next, in order; undefined when there is nothing (left). */
  pollOutput(): IceOutput | undefined {
    return this.#outputs.shift();
  }

  /** When `handleTimeout` next has work; undefined after `failed`. */
  get nextTimeoutMs(): number | undefined {
    return this.#connectivity.nextTimeoutMs;
  }

  /** Sends what is due. Harmless when called too early or too late. */
  handleTimeout(nowMs: number): void {
    this.#connectivity.handleTimeout(nowMs);
  }

  /**
   * Starts checking with the other side's credentials. False, and nothing changes, when they are
   * invalid, the agent failed, or it has other ones already (that would be an ICE restart).
   */
  setRemoteCredentials({ ufrag, password }: IceCredentials, nowMs: number): boolean {
    if (this.state === 'failed' || !areIceCredentials({ ufrag, password })) return false;
    const key = shortTermKey(password);
    const known = this.#remote;
    if (known !== undefined) {
      return known.ufrag === ufrag && isSameKey(known.key, key);
    }
    this.#remote = { ufrag, key };
    this.#connectivity.pairs.removeWhere(
      (pair) => pair.remoteUfrag !== undefined && pair.remoteUfrag !== ufrag,
    );
    this.#connectivity.setRemote({ username: `${ufrag}:${this.localUfrag}`, key }, nowMs);
    return true;
  }

  /** Adds signalled candidates. Optional: checks from the client teach us its addresses, too. */
  addRemoteCandidates(candidates: readonly IceRemoteCandidate[], nowMs: number): void {
    for (const candidate of candidates) {
      if (!this.#addRemoteCandidate(candidate, nowMs)) this.#counters.ignoredCandidates++;
    }
    this.#connectivity.checkNext(nowMs);
  }

  /**
   * A STUN datagram from `remoteAddress`; both are only read during the call. Never throws. Returns
   * whether it was authentic, a sign of life of the other side.
   */
  handleStun(datagram: Uint8Array, remoteAddress: Uint8Array, nowMs: number): boolean {
    if (this.state === 'failed') {
      this.#counters.droppedFailed++;
      return false;
    }
    const pair = this.#connectivity.pairs.find(remoteAddress);
    if (!(pair === undefined ? this.#strangerRate : this.#clientRate).tryTake(1, nowMs)) {
      this.#counters.droppedRate++;
      return false;
    }
    const message = parseStunMessage(datagram);
    if (message === undefined || message.method !== STUN_BINDING) {
      this.#counters.droppedMalformed++;
    } else if (message.messageClass === 'indication') {
      this.#counters.indications++; // a keepalive; needs no answer and proves nothing
    } else if (!verifyFingerprint(message)) {
      this.#counters.droppedMalformed++;
    } else if (message.messageClass === 'request') {
      return this.#handleRequest(message, remoteAddress, pair, nowMs);
    } else {
      return this.#handleResponse(message, remoteAddress, pair, nowMs);
    }
    return false;
  }

  /** A check from the other side (RFC 8445 §7.3). */
  #handleRequest(
    message: StunMessage,
    address: Uint8Array,
    known: CandidatePair | undefined,
    nowMs: number,
  ): boolean {
    const verdict = judgeCheckRequest(
      message,
      this.localUfrag,
      this.#localKey,
      this.#remote?.ufrag,
      this.#crypto,
    );
    switch (verdict.type) {
      // DEVIATION: RFC 8489 §9.1.3 answers 400 or 401. Silence gives a spoofed source nothing to reflect.
      case 'username':
        this.#counters.droppedUsername++;
        return false;
      case 'integrity':
        this.#counters.droppedIntegrity++;
        return false;
      case 'unknown':
        this.#counters.requestsRefused++;
        this.#refuse(message, address, STUN_ERRORS.unknownAttribute, verdict.attributes);
        return true;
    }
    if (!this.#role.settle(message)) {
      this.#refuse(message, address, STUN_ERRORS.roleConflict, []);
      return true;
    }
    const pair = known ?? this.#learnPair(message, address, nowMs);
    if (pair === undefined) {
      this.#counters.droppedPairs++;
      return true;
    }
    pair.heardFrom(address, nowMs);
    pair.remoteUfrag = verdict.remoteUfrag;
    if (!pair.isAllowed) {
      pair.isAllowed = true;
      this.#emit({ type: 'addressAllowed', address: pair.address });
    }
    // Our check goes first: when our answer lets the client start DTLS, its answer is on the way already.
    const isNomination = readStunAttribute(message, UseCandidate) === true;
    this.#connectivity.handleCheck(pair, isNomination, nowMs);
    this.#counters.requestsAnswered++;
    this.#emit({
      type: 'send',
      address: pair.address,
      packet: writeCheckSuccess(message.transactionId, address, this.#localKey, this.#crypto),
    });
    return true;
  }

  /** A peer-reflexive candidate (RFC 8445 §7.3.1.3). */
  #learnPair(message: StunMessage, address: Uint8Array, nowMs: number): CandidatePair | undefined {
    if (!this.#settings.canCheck(address)) return undefined;
    const priority = readStunAttribute(message, Priority) ?? 0;
    const { pairs, selected } = this.#connectivity;
    return pairs.add(address, 'prflx', priority, selected, nowMs);
  }

  #refuse(
    message: StunMessage,
    address: Uint8Array,
    error: StunError,
    unknown: readonly number[],
  ): void {
    this.#emit({
      type: 'send',
      address: Uint8Array.from(address),
      packet: writeCheckError(message.transactionId, error, unknown, this.#localKey, this.#crypto),
    });
  }

  /** An answer to a check of ours (RFC 8445 §7.2.5). */
  #handleResponse(
    message: StunMessage,
    address: Uint8Array,
    pair: CandidatePair | undefined,
    nowMs: number,
  ): boolean {
    // From another address than the check went to is no match either (§7.2.5.2.1).
    const check = pair?.findCheck(message.transactionId);
    if (pair === undefined || check === undefined || this.#remote === undefined) {
      this.#counters.droppedUnmatched++;
      return false;
    }
    if (!verifyIntegrity(message, this.#remote.key, this.#crypto)) {
      this.#counters.droppedIntegrity++;
      return false;
    }
    this.#counters.responsesAccepted++;
    pair.heardFrom(address, nowMs);
    if (message.messageClass === 'success') {
      this.#connectivity.handleSuccess(pair, check, nowMs);
    } else if (readStunAttribute(message, ErrorCode)?.code === STUN_ERRORS.roleConflict.code) {
      this.#connectivity.handleRoleConflict(pair, check, nowMs);
    } else if (check === pair.check) {
      this.#connectivity.handleFailure(pair, nowMs);
    }
    return true;
  }

  #addRemoteCandidate(candidate: IceRemoteCandidate, nowMs: number): boolean {
    if (this.state === 'failed' || this.#remoteCandidates >= this.#settings.maxRemoteCandidates) {
      return false;
    }
    const address = usableAddress(candidate);
    if (address === undefined || !this.#settings.canCheck(address)) return false;
    const { type, priority } = candidate;
    const { pairs, selected } = this.#connectivity;
    this.#remoteCandidates++;
    const known = pairs.ofRemote(address);
    for (const pair of known) {
      pair.type = type;
      pair.remotePriority = priority;
    }
    if (known.length > 0) return true;
    return pairs.add(address, type, priority, selected, nowMs) !== undefined;
  }

  #emit(output: IceOutput): void {
    // News must not get lost; datagrams may.
    if (this.#outputs.length >= MAX_OUTPUTS && output.type === 'send') return;
    this.#outputs.push(output);
  }
}

function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
