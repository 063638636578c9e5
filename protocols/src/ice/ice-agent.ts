/**
 * The bridge's end of ICE (RFC 8445): full agent, one component, one local candidate (the UDP port all
 * endpoints share), normally controlling. A pair is therefore a remote address. Keeps consent (RFC 7675).
 *
 * Sans-I/O: one input, then drain `pollOutput`, then the next input; call `handleTimeout` at
 * `nextTimeoutMs`. An ICE restart will be a second set of credentials and pairs beside the selected one.
 */
import { type RandomSource, randomUint32 } from '@conclave/base';
import {
  ErrorCode,
  Priority,
  parseStunMessage,
  readStunAttribute,
  STUN_BINDING,
  STUN_ERRORS,
  type StunCrypto,
  type StunMessage,
  shortTermKey,
  UseCandidate,
  verifyFingerprint,
  verifyIntegrity,
} from '../stun/index.ts';
import { candidatePriority } from './candidate.ts';
import type { CandidatePair, Check } from './candidate-pair.ts';
import { writeCheckError, writeCheckSuccess } from './check-message.ts';
import { judgeCheckRequest } from './check-request.ts';
import { type CheckSchedule, CheckSender } from './check-sender.ts';
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
import { PairList } from './pair-list.ts';
import { usableAddress } from './remote-candidate.ts';
import { RoleState } from './role-state.ts';
import { TokenBucket } from './token-bucket.ts';

export interface IceAgentDependencies {
  readonly crypto: StunCrypto;
  readonly random: RandomSource;
}

/** A pending check is sent again at once when the client's check shows that the path opened, but not more often than this. */
const TRIGGERED_REPEAT_MS = 100;
/** A rival pair makes us look at a selected pair that was silent for so long. */
const SILENCE_BEFORE_CONTEST_MS = 1000;
/** While nothing is selected, a failed pair that was heard so recently is checked again. */
const RECENTLY_HEARD_MS = 10_000;
/** Quick checks of the selected pair when there is a rival. */
const CONTEST_TRANSMISSIONS = 3;
/**
 * For a pair the client was heard on: the path works at least one way, so lost checks are repeated soon.
 * DEVIATION: RFC 8445 §14.3 wants 500 ms at least; browsers do not wait so long either.
 */
const HEARD_SCHEDULE: CheckSchedule = { intervalMs: 250, maxTransmissions: 12, backsOff: false };
/** Outputs kept for a caller that does not drain. */
const MAX_OUTPUTS = 256;
export class IceAgent {
  readonly localUfrag: string;
  readonly localPassword: string;
  /** First four bytes of our transaction ids, for `IceRegistry`; the other 64 bits are random. */
  readonly transactionPrefix: number;
  readonly counters: IceCounters = {
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
  readonly #crypto: StunCrypto;
  readonly #random: RandomSource;
  readonly #settings: IceSettings;
  readonly #localKey: Uint8Array;
  readonly #pairs: PairList;
  readonly #clientRate: TokenBucket;
  readonly #strangerRate: TokenBucket;
  #remote: { readonly ufrag: string; readonly key: Uint8Array } | undefined;
  #remoteCandidates = 0;
  readonly #role: RoleState;
  readonly #sender: CheckSender;
  #state: IceState = 'new';
  #selected: CandidatePair | undefined;
  /** Became valid after the selected pair did: the client may have moved there. */
  #rival: CandidatePair | undefined;
  #rttMs: number | undefined;
  #nextCheckMs: number;
  readonly #connectDeadlineMs: number;
  /** A selected relayed pair is nominated then, unless a better one turns up. */
  #nominationDueMs: number | undefined;
  #consentDueMs = Number.POSITIVE_INFINITY;
  #consentExpiryMs = Number.POSITIVE_INFINITY;
  #outputs: IceOutput[] = [];

  /** `options.local` are ours to choose; RangeError when they are no ICE credentials. */
  constructor(dependencies: IceAgentDependencies, options: IceAgentOptions, nowMs: number) {
    if (!areIceCredentials(options.local)) throw new RangeError('bad local ICE credentials');
    const settings = iceSettings(options);
    this.#crypto = dependencies.crypto;
    this.#random = dependencies.random;
    this.#settings = settings;
    this.localUfrag = settings.local.ufrag;
    this.localPassword = settings.local.password;
    this.transactionPrefix = randomUint32(dependencies.random);
    this.#localKey = shortTermKey(settings.local.password);
    this.#role = new RoleState(settings.role, dependencies.random);
    const send = (address: Uint8Array, packet: Uint8Array) => {
      this.counters.checksSent++;
      this.#emit({ type: 'send', address, packet });
    };
    this.#sender = new CheckSender({ ...dependencies, send }, this.transactionPrefix);
    this.#pairs = new PairList(settings.maxPairs, candidatePriority('host', 65_535));
    this.#clientRate = new TokenBucket(settings.maxMessagesPerSecond, nowMs);
    this.#strangerRate = new TokenBucket(settings.maxMessagesPerSecond, nowMs);
    this.#nextCheckMs = nowMs;
    this.#connectDeadlineMs = nowMs + settings.connectTimeoutMs;
  }

  get state(): IceState {
    return this.#state;
  }

  get role(): IceRole {
    return this.#role.role;
  }

  /** Where media goes now; undefined before `connected`. Not to be changed. */
  get selectedAddress(): Uint8Array | undefined {
    return this.#selected?.address;
  }

  /** Smoothed round-trip time of checks on the selected pair. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** Pairs held, at most `maxPairs`. */
  get pairCount(): number {
    return this.#pairs.all.length;
  }

  /** What to do next, in order; undefined when there is nothing (left). */
  pollOutput(): IceOutput | undefined {
    return this.#outputs.shift();
  }

  /** When `handleTimeout` next has work; undefined after `failed`. */
  get nextTimeoutMs(): number | undefined {
    if (this.#state === 'failed') return undefined;
    let next =
      this.#selected === undefined
        ? this.#connectDeadlineMs
        : Math.min(this.#consentExpiryMs, this.#nominationDueMs ?? Number.POSITIVE_INFINITY);
    if (this.#selected !== undefined && this.#selected.check === undefined) {
      next = Math.min(next, this.#consentDueMs);
    }
    for (const { check } of this.#pairs.all) {
      if (check !== undefined && check.dueMs < next) next = check.dueMs;
    }
    if (this.#nextCheckMs < next && this.#nextPair() !== undefined) next = this.#nextCheckMs;
    return next;
  }

  /**
   * Starts checking with the other side's credentials. False, and nothing changes, when they are
   * invalid, the agent failed, or it has other ones already (that would be an ICE restart).
   */
  setRemoteCredentials(remote: IceCredentials, nowMs: number): boolean {
    if (this.#state === 'failed' || !areIceCredentials(remote)) return false;
    const key = shortTermKey(remote.password);
    if (this.#remote !== undefined) {
      const { ufrag, key: known } = this.#remote;
      return (
        ufrag === remote.ufrag &&
        known.length === key.length &&
        known.every((byte, i) => byte === key[i])
      );
    }
    this.#remote = { ufrag: remote.ufrag, key };
    this.#state = 'checking';
    this.#pairs.removeWhere(
      (pair) => pair.remoteUfrag !== undefined && pair.remoteUfrag !== remote.ufrag,
    );
    this.#checkNext(nowMs);
    return true;
  }

  /** Adds signalled candidates. Optional: checks from the client teach us its addresses, too. */
  addRemoteCandidates(candidates: readonly IceRemoteCandidate[], nowMs: number): void {
    for (const candidate of candidates) {
      if (!this.#addRemoteCandidate(candidate, nowMs)) this.counters.ignoredCandidates++;
    }
    this.#checkNext(nowMs);
  }

  /** A STUN datagram from `remoteAddress`; both are only read during the call. Never throws. */
  handleStun(datagram: Uint8Array, remoteAddress: Uint8Array, nowMs: number): void {
    if (this.#state === 'failed') {
      this.counters.droppedFailed++;
      return;
    }
    const pair = this.#pairs.find(remoteAddress);
    if (!(pair === undefined ? this.#strangerRate : this.#clientRate).take(nowMs)) {
      this.counters.droppedRate++;
      return;
    }
    const message = parseStunMessage(datagram);
    if (message === undefined || message.method !== STUN_BINDING) {
      this.counters.droppedMalformed++;
    } else if (message.messageClass === 'indication') {
      this.counters.indications++; // a keepalive; needs no answer and proves nothing
    } else if (!verifyFingerprint(message)) {
      this.counters.droppedMalformed++;
    } else if (message.messageClass === 'request') {
      this.#handleRequest(message, remoteAddress, pair, nowMs);
    } else {
      this.#handleResponse(message, pair, nowMs);
    }
  }

  /** Sends what is due. Harmless when called too early or too late. */
  handleTimeout(nowMs: number): void {
    if (this.#state === 'failed') return;
    if (this.#selected === undefined && nowMs >= this.#connectDeadlineMs) {
      this.#fail('connect-timeout');
      return;
    }
    if (this.#selected !== undefined && nowMs >= this.#consentExpiryMs) {
      this.#fail('consent-expired');
      return;
    }
    for (const pair of [...this.#pairs.all]) {
      const { check } = pair;
      if (check === undefined || check.dueMs > nowMs) continue;
      if (check.transmissions < check.maxTransmissions) this.#sender.retransmit(pair, check, nowMs);
      else this.#checkFailed(pair, nowMs);
    }
    if (this.#nominationDueMs !== undefined && nowMs >= this.#nominationDueMs) {
      this.#nominationDueMs = undefined;
      if (this.#selected !== undefined) this.#nominate(this.#selected, nowMs);
    }
    if (this.#selected?.check === undefined && nowMs >= this.#consentDueMs) {
      this.#checkConsent(this.#settings.consentMaxTransmissions, nowMs);
    }
    this.#checkNext(nowMs);
  }

  // Requests from the other side (RFC 8445 §7.3)

  #handleRequest(
    message: StunMessage,
    address: Uint8Array,
    known: CandidatePair | undefined,
    nowMs: number,
  ): void {
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
        this.counters.droppedUsername++;
        return;
      case 'integrity':
        this.counters.droppedIntegrity++;
        return;
      case 'unknown':
        this.counters.requestsRefused++;
        this.#sendError(message, address, STUN_ERRORS.unknownAttribute, verdict.attributes);
        return;
    }
    const isSettled = this.#role.settle(message);
    this.counters.roleConflicts = this.#role.conflicts;
    if (!isSettled) {
      this.#sendError(message, address, STUN_ERRORS.roleConflict, []);
      return;
    }
    const pair = known ?? this.#learnPair(message, address, nowMs);
    if (pair === undefined) {
      this.counters.droppedPairs++;
      return;
    }
    pair.heardMs = nowMs;
    pair.remoteUfrag = verdict.remoteUfrag;
    if (!pair.isAllowed) {
      pair.isAllowed = true;
      this.#emit({ type: 'addressAllowed', address: pair.address });
    }
    // Our check goes first: when our answer lets the client start DTLS, its answer is on the way already.
    this.#trigger(pair, readStunAttribute(message, UseCandidate) === true, nowMs);
    this.counters.requestsAnswered++;
    this.#emit({
      type: 'send',
      address: pair.address,
      packet: writeCheckSuccess(message.transactionId, address, this.#localKey, this.#crypto),
    });
  }

  /** A peer-reflexive candidate (RFC 8445 §7.3.1.3). */
  #learnPair(message: StunMessage, address: Uint8Array, nowMs: number): CandidatePair | undefined {
    if (!this.#settings.canCheck(address)) return undefined;
    const priority = readStunAttribute(message, Priority) ?? 0;
    return this.#pairs.add(address, 'prflx', priority, this.#selected, nowMs);
  }

  #trigger(pair: CandidatePair, isNomination: boolean, nowMs: number): void {
    if (isNomination && this.#role.role === 'controlled') {
      if (pair.state === 'succeeded') this.#select(pair, nowMs);
      else pair.isWantedByRemote = true;
    }
    const { check } = pair;
    if (pair.state === 'succeeded') {
      if (this.#selected !== undefined && pair !== this.#selected) this.#contest(pair, nowMs);
    } else if (check === undefined) {
      pair.isTriggered = true;
      this.#checkNext(nowMs);
    } else if (
      nowMs - check.sentMs >= TRIGGERED_REPEAT_MS &&
      check.transmissions < check.maxTransmissions
    ) {
      this.#sender.repeat(pair, check, nowMs);
    }
  }

  #sendError(
    message: StunMessage,
    address: Uint8Array,
    error: (typeof STUN_ERRORS)[keyof typeof STUN_ERRORS],
    unknown: readonly number[],
  ): void {
    this.#emit({
      type: 'send',
      address: Uint8Array.from(address),
      packet: writeCheckError(message.transactionId, error, unknown, this.#localKey, this.#crypto),
    });
  }

  // Responses to our checks (RFC 8445 §7.2.5)

  #handleResponse(message: StunMessage, pair: CandidatePair | undefined, nowMs: number): void {
    // From another address than the check went to is no match either (§7.2.5.2.1).
    const check = pair?.findCheck(message.transactionId);
    if (pair === undefined || check === undefined || this.#remote === undefined) {
      this.counters.droppedUnmatched++;
      return;
    }
    if (!verifyIntegrity(message, this.#remote.key, this.#crypto)) {
      this.counters.droppedIntegrity++;
      return;
    }
    this.counters.responsesAccepted++;
    pair.heardMs = nowMs;
    if (message.messageClass === 'success') {
      this.#checkSucceeded(pair, check, nowMs);
    } else if (readStunAttribute(message, ErrorCode)?.code === STUN_ERRORS.roleConflict.code) {
      this.#handleRoleConflict(pair, check, nowMs);
    } else if (check === pair.check) {
      this.#checkFailed(pair, nowMs);
    }
  }

  /** Our check was refused with 487 (RFC 8445 §7.2.5.1): change the role, unless done already, and ask again. */
  #handleRoleConflict(pair: CandidatePair, check: Check, nowMs: number): void {
    this.#role.handleConflict(check.role);
    this.counters.roleConflicts = this.#role.conflicts;
    pair.check = undefined;
    pair.previousCheck = undefined;
    if (pair.state === 'in-progress') pair.state = 'waiting';
    pair.isTriggered = true;
    this.#checkNext(nowMs);
  }

  #checkSucceeded(pair: CandidatePair, check: Check, nowMs: number): void {
    if (check === pair.check || pair.check?.nominates !== true || check.nominates) {
      pair.check = undefined;
    }
    pair.previousCheck = undefined;
    pair.isTriggered = false;
    const isNew = pair.state !== 'succeeded';
    pair.state = 'succeeded';
    const selected = this.#selected;
    if (selected === undefined) {
      this.#select(pair, nowMs);
      this.#measure(check, nowMs);
      if (this.#role.role === 'controlling') {
        if (pair.type === 'relay') this.#nominationDueMs = nowMs + this.#settings.relayedWaitMs;
        else this.#nominate(pair, nowMs);
      }
    } else if (pair === selected) {
      this.#renewConsent(nowMs);
      this.#measure(check, nowMs);
    } else if (check.nominates || (this.#role.role === 'controlled' && pair.isWantedByRemote)) {
      this.#select(pair, nowMs);
      this.#measure(check, nowMs);
    } else if (this.#nominationDueMs !== undefined && pair.type !== 'relay') {
      this.#nominationDueMs = undefined; // better than the relayed one we had
      this.#nominate(pair, nowMs);
    } else if (this.#state === 'disconnected') {
      // A controlled agent that lost its pair does not wait for a nomination.
      if (this.#role.role === 'controlled') this.#select(pair, nowMs);
      else this.#nominate(pair, nowMs);
    } else if (isNew) {
      this.#rival = pair;
      if (selected.check === undefined) this.#checkConsent(CONTEST_TRANSMISSIONS, nowMs);
    }
  }

  /** The check under way on this pair got no (good) answer. */
  #checkFailed(pair: CandidatePair, nowMs: number): void {
    pair.previousCheck = pair.check; // a late answer still counts
    pair.check = undefined;
    if (pair !== this.#selected) {
      pair.state = 'failed';
      // The client was just here and there is nothing better: try on.
      if (this.#selected === undefined && pair.isAllowed) {
        pair.isTriggered = nowMs - pair.heardMs < RECENTLY_HEARD_MS;
      }
      if (pair === this.#rival) this.#rival = undefined;
      return;
    }
    this.#consentDueMs = nowMs; // goes on until consent expires
    if (this.#state === 'connected') {
      this.#state = 'disconnected';
      this.#emit({ type: 'disconnected' });
    }
    const rival = this.#rival?.state === 'succeeded' ? this.#rival : this.#pairs.bestValid(pair);
    if (rival !== undefined && rival.check === undefined) this.#nominate(rival, nowMs);
  }

  // Selection and consent

  /** The client talks to us on a valid pair that is not the selected one: see whether that one still lives. */
  #contest(pair: CandidatePair, nowMs: number): void {
    const selected = this.#selected;
    if (selected === undefined) return;
    if (this.#state === 'disconnected') {
      if (pair.check === undefined) this.#nominate(pair, nowMs);
    } else if (nowMs - selected.heardMs >= SILENCE_BEFORE_CONTEST_MS) {
      this.#rival = pair;
      if (selected.check === undefined) this.#checkConsent(CONTEST_TRANSMISSIONS, nowMs);
    }
  }

  /** Sends a check that selects the pair when it is answered (RFC 8445 §8.1.1). */
  #nominate(pair: CandidatePair, nowMs: number): void {
    const { consentRetransmissionMs, consentMaxTransmissions } = this.#settings;
    this.#startCheck(
      pair,
      true,
      {
        intervalMs: consentRetransmissionMs,
        maxTransmissions: consentMaxTransmissions,
        backsOff: false,
      },
      nowMs,
    );
  }

  #select(pair: CandidatePair, nowMs: number): void {
    const previous = this.#selected;
    if (pair !== previous) {
      this.#selected = pair;
      this.#rttMs = undefined;
      this.#nominationDueMs = undefined;
      if (previous === undefined) {
        this.#state = 'connected';
        this.#emit({ type: 'connected', address: pair.address });
      } else {
        this.#emit({ type: 'addressChanged', address: pair.address });
      }
    }
    this.#renewConsent(nowMs);
  }

  /** RFC 7675 §5.1: valid for another period; the next check at a random time. */
  #renewConsent(nowMs: number): void {
    const spread = 0.8 + (0.4 * randomUint32(this.#random)) / 2 ** 32;
    this.#consentDueMs = nowMs + this.#settings.consentIntervalMs * spread;
    this.#consentExpiryMs = nowMs + this.#settings.consentTimeoutMs;
    this.#rival = undefined;
    if (this.#state === 'disconnected') {
      this.#state = 'connected';
      this.#emit({ type: 'reconnected' });
    }
  }

  #checkConsent(maxTransmissions: number, nowMs: number): void {
    const pair = this.#selected;
    if (pair === undefined) return;
    const retransmissionMs = this.#settings.consentRetransmissionMs;
    // Contested: as quick as the path allows.
    const quickMs = Math.min(retransmissionMs, Math.max(100, 2 * (this.#rttMs ?? 100)));
    const intervalMs = this.#rival === undefined ? retransmissionMs : quickMs;
    const nominates = this.#nominationDueMs === undefined;
    this.#startCheck(pair, nominates, { intervalMs, maxTransmissions, backsOff: false }, nowMs);
  }

  #measure(check: Check, nowMs: number): void {
    if (check.transmissions !== 1) return; // which transmission was answered? (Karn)
    const sampleMs = nowMs - check.sentMs;
    this.#rttMs = this.#rttMs === undefined ? sampleMs : this.#rttMs + (sampleMs - this.#rttMs) / 8;
  }

  #fail(reason: 'connect-timeout' | 'consent-expired'): void {
    this.#state = 'failed';
    this.#selected = undefined;
    this.#rival = undefined;
    this.#pairs.removeWhere(() => true);
    this.#emit({ type: 'failed', reason });
  }

  // Sending checks (RFC 8445 §6.1.4, §7.2)

  #nextPair(): CandidatePair | undefined {
    if (this.#remote === undefined) return undefined;
    const isSettled = this.#state === 'connected' && this.#nominationDueMs === undefined;
    return this.#pairs.nextToCheck(isSettled);
  }

  /** Starts the next triggered or ordinary check, at most one per `checkIntervalMs`. */
  #checkNext(nowMs: number): void {
    if (nowMs < this.#nextCheckMs) return;
    const pair = this.#nextPair();
    if (pair === undefined) return;
    this.#nextCheckMs = nowMs + this.#settings.checkIntervalMs;
    const { retransmissionMs, maxTransmissions } = this.#settings;
    const schedule = pair.isAllowed
      ? HEARD_SCHEDULE
      : { intervalMs: retransmissionMs, maxTransmissions, backsOff: true };
    this.#startCheck(pair, false, schedule, nowMs);
  }

  #startCheck(
    pair: CandidatePair,
    nominates: boolean,
    schedule: CheckSchedule,
    nowMs: number,
  ): void {
    if (this.#remote === undefined) return;
    const { ufrag, key } = this.#remote;
    const { role, tieBreaker } = this.#role;
    const identity = { username: `${ufrag}:${this.localUfrag}`, key, role, tieBreaker };
    this.#sender.start(pair, identity, nominates, schedule, nowMs);
  }

  #addRemoteCandidate(candidate: IceRemoteCandidate, nowMs: number): boolean {
    if (this.#state === 'failed' || this.#remoteCandidates >= this.#settings.maxRemoteCandidates) {
      return false;
    }
    const address = usableAddress(candidate);
    if (address === undefined || !this.#settings.canCheck(address)) return false;
    const { type, priority } = candidate;
    this.#remoteCandidates++;
    const known = this.#pairs.find(address);
    if (known !== undefined) {
      known.type = type;
      known.remotePriority = priority;
      return true;
    }
    return this.#pairs.add(address, type, priority, this.#selected, nowMs) !== undefined;
  }

  #emit(output: IceOutput): void {
    // News must not get lost; datagrams may.
    if (this.#outputs.length >= MAX_OUTPUTS && output.type === 'send') return;
    this.#outputs.push(output);
  }
}
