/**
 * The bounded list of candidate pairs of one agent, found by remote address and, on a machine with several, by that of ours which the
 * other side talks to.
 */
import { isSameAddress, isSameRemote, LOCAL_AT } from './address.ts';
import { comparePairs } from './candidate.ts';
import { CandidatePair } from './candidate-pair.ts';
import type { IceCandidateType } from './contract.ts';

/** A pair that was silent for so long may make room for a new address. */
const STALE_MS = 5000;

export class PairList {
  readonly #maxPairs: number;
  readonly #localPriority: number;
  #pairs: CandidatePair[] = [];

  constructor(maxPairs: number, localPriority: number) {
    this.#maxPairs = maxPairs;
    this.#localPriority = localPriority;
  }

  get all(): readonly CandidatePair[] {
    return this.#pairs;
  }

  /** That of a signalled candidate of which nothing came yet fits any local address. */
  find(address: Uint8Array): CandidatePair | undefined {
    return (
      this.#pairs.find((pair) => isSameAddress(pair.address, address)) ??
      this.#pairs.find(
        (pair) => pair.address[LOCAL_AT] === 0 && isSameRemote(pair.address, address),
      )
    );
  }

  /** With this far end, at whichever address of ours. */
  ofRemote(address: Uint8Array): CandidatePair[] {
    return this.#pairs.filter((pair) => isSameRemote(pair.address, address));
  }

  /**
   * Adds a pair for a new address. When the list is full a failed or long silent pair (never `selected`)
   * makes room; undefined when there is none.
   */
  add(
    address: Uint8Array,
    type: IceCandidateType,
    priority: number,
    selected: CandidatePair | undefined,
    nowMs: number,
  ): CandidatePair | undefined {
    if (this.#pairs.length >= this.#maxPairs && !this.#evict(selected, nowMs)) return undefined;
    const pair = new CandidatePair(address, type, priority, nowMs);
    this.#pairs.push(pair);
    return pair;
  }

  /** Drops every pair `condition` holds for. */
  removeWhere(condition: (pair: CandidatePair) => boolean): void {
    this.#pairs = this.#pairs.filter((pair) => !condition(pair));
  }

  /** The pair to check next: triggered ones first; of ordinary ones the highest priority, unless only triggered ones are wanted. */
  nextToCheck(onlyTriggered: boolean): CandidatePair | undefined {
    let best: CandidatePair | undefined;
    for (const pair of this.#pairs) {
      if (pair.isTriggered) return pair;
      if (onlyTriggered || pair.state !== 'waiting') continue;
      if (
        best === undefined ||
        comparePairs(this.#localPriority, pair.remotePriority, best.remotePriority) < 0
      ) {
        best = pair;
      }
    }
    return best;
  }

  /** Whether this pair is (still) in the list and valid. */
  isValid(pair: CandidatePair | undefined): pair is CandidatePair {
    return pair !== undefined && pair.state === 'succeeded' && this.#pairs.includes(pair);
  }

  /** The best valid pair except `except`: not relayed, then heard last. */
  bestValid(except?: CandidatePair): CandidatePair | undefined {
    let best: CandidatePair | undefined;
    for (const pair of this.#pairs) {
      if (pair.state !== 'succeeded' || pair === except) continue;
      if (best === undefined || isBetter(pair, best)) best = pair;
    }
    return best;
  }

  #evict(selected: CandidatePair | undefined, nowMs: number): boolean {
    let victim: CandidatePair | undefined;
    for (const pair of this.#pairs) {
      if (pair === selected) continue;
      if (pair.state !== 'failed' && nowMs - pair.heardMs < STALE_MS) continue;
      if (victim === undefined || pair.heardMs < victim.heardMs) victim = pair;
    }
    if (victim === undefined) return false;
    this.#pairs.splice(this.#pairs.indexOf(victim), 1);
    return true;
  }
}

function isBetter(pair: CandidatePair, than: CandidatePair): boolean {
  const isRelayed = pair.type === 'relay';
  if (isRelayed !== (than.type === 'relay')) return !isRelayed;
  return pair.heardMs > than.heardMs;
}
