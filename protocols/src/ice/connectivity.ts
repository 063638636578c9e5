/**
 * The checks of one agent and what follows from them: which pairs are valid, which is selected, whether
 * there is still consent (RFC 8445 §6.1.4, §7.2, §8; RFC 7675). Knows pairs and time, no messages from outside:
 * `IceAgent` authenticates those first.
 */
import { type RandomSource, randomUint32 } from '@conclave/base';
import type { StunCrypto } from '../stun/index.ts';
import { candidatePriority } from './candidate.ts';
import type { CandidatePair, Check } from './candidate-pair.ts';
import { type CheckSchedule, CheckSender } from './check-sender.ts';
import type { IceOutput, IceState } from './contract.ts';
import type { IceSettings } from './ice-settings.ts';
import { PairList } from './pair-list.ts';
import type { RoleState } from './role-state.ts';

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

export interface ConnectivityDependencies {
  readonly crypto: StunCrypto;
  readonly random: RandomSource;
  readonly emit: (output: IceOutput) => void;
}

/** The other side's credentials, in the form checks need. */
export interface RemoteIdentity {
  /** `<remote ufrag>:<local ufrag>` */
  readonly username: string;
  /** HMAC key from the remote password. */
  readonly key: Uint8Array;
}

export class Connectivity {
  readonly pairs: PairList;
  state: IceState = 'new';
  selected: CandidatePair | undefined;
  /** Smoothed round-trip time on the selected pair. */
  rttMs: number | undefined;
  readonly #settings: IceSettings;
  readonly #random: RandomSource;
  readonly #emit: (output: IceOutput) => void;
  readonly #role: RoleState;
  readonly #sender: CheckSender;
  #remote: RemoteIdentity | undefined;
  /** Became valid after the selected pair did: the client may have moved there. */
  #rival: CandidatePair | undefined;
  #nextCheckMs: number;
  readonly #connectDeadlineMs: number;
  /** A selected relayed pair is nominated then, unless a better one turns up. */
  #nominationDueMs: number | undefined;
  #consentDueMs = Number.POSITIVE_INFINITY;
  #consentExpiryMs = Number.POSITIVE_INFINITY;

  constructor(
    dependencies: ConnectivityDependencies,
    settings: IceSettings,
    role: RoleState,
    transactionPrefix: number,
    nowMs: number,
  ) {
    const { emit } = dependencies;
    this.#settings = settings;
    this.#random = dependencies.random;
    this.#emit = emit;
    this.#role = role;
    this.pairs = new PairList(settings.maxPairs, candidatePriority('host', 65_535));
    const send = (address: Uint8Array, packet: Uint8Array) =>
      emit({ type: 'send', address, packet });
    this.#sender = new CheckSender({ ...dependencies, send }, transactionPrefix);
    this.#nextCheckMs = nowMs;
    this.#connectDeadlineMs = nowMs + settings.connectTimeoutMs;
  }

  /** Checks started and repeated so far. */
  get checksSent(): number {
    return this.#sender.sentCount;
  }

  /** When `handleTimeout` next has work; undefined after `failed`. */
  get nextTimeoutMs(): number | undefined {
    if (this.state === 'failed') return undefined;
    let next =
      this.selected === undefined
        ? this.#connectDeadlineMs
        : Math.min(this.#consentExpiryMs, this.#nominationDueMs ?? Number.POSITIVE_INFINITY);
    if (this.selected !== undefined && this.selected.check === undefined) {
      next = Math.min(next, this.#consentDueMs);
    }
    for (const { check } of this.pairs.all) {
      if (check !== undefined && check.dueMs < next) next = check.dueMs;
    }
    if (this.#nextCheckMs < next && this.#nextPair() !== undefined) next = this.#nextCheckMs;
    return next;
  }

  /** Starts checking. */
  setRemote(remote: RemoteIdentity, nowMs: number): void {
    this.#remote = remote;
    this.state = 'checking';
    this.checkNext(nowMs);
  }

  /** Sends what is due. Harmless when called too early or too late. */
  handleTimeout(nowMs: number): void {
    if (this.state === 'failed') return;
    if (this.selected === undefined && nowMs >= this.#connectDeadlineMs) {
      this.#fail('connect-timeout');
      return;
    }
    if (this.selected !== undefined && nowMs >= this.#consentExpiryMs) {
      this.#fail('consent-expired');
      return;
    }
    for (const pair of [...this.pairs.all]) {
      const { check } = pair;
      if (check === undefined || check.dueMs > nowMs) continue;
      if (check.transmissions < check.maxTransmissions) this.#sender.retransmit(pair, check, nowMs);
      else this.handleFailure(pair, nowMs);
    }
    if (this.#nominationDueMs !== undefined && nowMs >= this.#nominationDueMs) {
      this.#nominationDueMs = undefined;
      if (this.selected !== undefined) this.#nominate(this.selected, nowMs);
    }
    if (this.selected?.check === undefined && nowMs >= this.#consentDueMs) {
      this.#checkConsent(this.#settings.consentMaxTransmissions, nowMs);
    }
    this.checkNext(nowMs);
  }

  /** An authenticated check came on `pair` (RFC 8445 §7.3.1.4); `isNomination`: with USE-CANDIDATE. */
  handleCheck(pair: CandidatePair, isNomination: boolean, nowMs: number): void {
    if (isNomination && this.#role.role === 'controlled') {
      if (pair.state === 'succeeded') this.#select(pair, nowMs);
      else pair.isWantedByRemote = true;
    }
    const { check } = pair;
    if (pair.state === 'succeeded') {
      if (this.selected !== undefined && pair !== this.selected) this.#contest(pair, nowMs);
    } else if (check === undefined) {
      pair.isTriggered = true;
      this.checkNext(nowMs);
    } else if (
      nowMs - check.sentMs >= TRIGGERED_REPEAT_MS &&
      check.transmissions < check.maxTransmissions
    ) {
      this.#sender.repeat(pair, check, nowMs);
    }
  }

  /** `check` of ours on `pair` was answered with success. */
  handleSuccess(pair: CandidatePair, check: Check, nowMs: number): void {
    if (check === pair.check || pair.check?.nominates !== true || check.nominates) {
      pair.check = undefined;
    }
    pair.previousCheck = undefined;
    pair.isTriggered = false;
    const isNew = pair.state !== 'succeeded';
    pair.state = 'succeeded';
    const selected = this.selected;
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
    } else if (this.state === 'disconnected') {
      // A controlled agent that lost its pair does not wait for a nomination.
      if (this.#role.role === 'controlled') this.#select(pair, nowMs);
      else this.#nominate(pair, nowMs);
    } else if (isNew) {
      this.#rival = pair;
      if (selected.check === undefined) this.#checkConsent(CONTEST_TRANSMISSIONS, nowMs);
    }
  }

  /** Our check was refused with 487 (RFC 8445 §7.2.5.1): change the role, unless done already, and ask again. */
  handleRoleConflict(pair: CandidatePair, check: Check, nowMs: number): void {
    this.#role.handleConflict(check.role);
    pair.check = undefined;
    pair.previousCheck = undefined;
    if (pair.state === 'in-progress') pair.state = 'waiting';
    pair.isTriggered = true;
    this.checkNext(nowMs);
  }

  /** The check under way on this pair got no (good) answer. */
  handleFailure(pair: CandidatePair, nowMs: number): void {
    pair.previousCheck = pair.check; // a late answer still counts
    pair.check = undefined;
    if (pair !== this.selected) {
      pair.state = 'failed';
      // The client was just here and there is nothing better: try on.
      if (this.selected === undefined && pair.isAllowed) {
        pair.isTriggered = nowMs - pair.heardMs < RECENTLY_HEARD_MS;
      }
      if (pair === this.#rival) this.#rival = undefined;
      return;
    }
    this.#consentDueMs = nowMs; // goes on until consent expires
    if (this.state === 'connected') {
      this.state = 'disconnected';
      this.#emit({ type: 'disconnected' });
    }
    const rival = this.pairs.isValid(this.#rival) ? this.#rival : this.pairs.bestValid(pair);
    if (rival !== undefined && rival.check === undefined) this.#nominate(rival, nowMs);
  }

  // Selection and consent

  /** The client talks to us on a valid pair that is not the selected one: see whether that one still lives. */
  #contest(pair: CandidatePair, nowMs: number): void {
    const selected = this.selected;
    if (selected === undefined) return;
    if (this.state === 'disconnected') {
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
    const previous = this.selected;
    if (pair !== previous) {
      this.selected = pair;
      this.rttMs = undefined;
      this.#nominationDueMs = undefined;
      if (previous === undefined) {
        this.state = 'connected';
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
    if (this.state === 'disconnected') {
      this.state = 'connected';
      this.#emit({ type: 'reconnected' });
    }
  }

  #checkConsent(maxTransmissions: number, nowMs: number): void {
    const pair = this.selected;
    if (pair === undefined) return;
    const retransmissionMs = this.#settings.consentRetransmissionMs;
    // Contested: as quick as the path allows.
    const quickMs = Math.min(retransmissionMs, Math.max(100, 2 * (this.rttMs ?? 100)));
    const intervalMs = this.#rival === undefined ? retransmissionMs : quickMs;
    const nominates = this.#nominationDueMs === undefined;
    this.#startCheck(pair, nominates, { intervalMs, maxTransmissions, backsOff: false }, nowMs);
  }

  #measure(check: Check, nowMs: number): void {
    // Which transmission was answered? (Karn.) Without any measurement an upper bound is better than nothing.
    if (check.transmissions !== 1 && this.rttMs !== undefined) return;
    const sampleMs = nowMs - check.startedMs;
    this.rttMs = this.rttMs === undefined ? sampleMs : this.rttMs + (sampleMs - this.rttMs) / 8;
  }

  #fail(reason: 'connect-timeout' | 'consent-expired'): void {
    this.state = 'failed';
    this.selected = undefined;
    this.#rival = undefined;
    this.pairs.removeWhere(() => true);
    this.#emit({ type: 'failed', reason });
  }

  // Sending checks (RFC 8445 §6.1.4, §7.2)

  #nextPair(): CandidatePair | undefined {
    if (this.#remote === undefined) return undefined;
    const isSettled = this.state === 'connected' && this.#nominationDueMs === undefined;
    return this.pairs.nextToCheck(isSettled);
  }

  /** Starts the next triggered or ordinary check, at most one per `checkIntervalMs`. */
  checkNext(nowMs: number): void {
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
    const { role, tieBreaker } = this.#role;
    const identity = { ...this.#remote, role, tieBreaker };
    this.#sender.start(pair, identity, nominates, schedule, nowMs);
  }
}
