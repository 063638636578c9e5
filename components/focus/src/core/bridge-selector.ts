/**
 * Which bridge an endpoint goes to. A conference stays on the bridges it is on until they have enough to do; then it spans one more. As
 * Jitsi's focus does it, without regions: all our bridges are on one machine.
 */
import type { Clock } from '@conclave/base';
import type { BridgeStatus } from '@conclave/protocols/colibri';

export interface BridgeSelectionOptions {
  /** A conference may be on several bridges at once. */
  readonly maySpan: boolean;
  /** From this stress on a bridge gets endpoints only when all have as much to do. */
  readonly overloadStress: number;
  /** Endpoints of one conference on one bridge; more go to another, as long as there is one. */
  readonly maxEndpointsPerConference: number;
  /** What an endpoint will add to a bridge's stress, as long as that does not show. */
  readonly endpointStress: number;
}

/** A bridge tells its stress smoothed: it takes so long to show what somebody who joins costs. */
const UNSEEN_MS = 20_000;
/** Additions that are remembered; beyond it a bridge looks loaded enough. */
const MAX_UNSEEN = 1000;

interface Candidate {
  readonly id: string;
  readonly stress: number;
  /** Endpoints of the conference there. */
  readonly count: number;
}

export class BridgeSelector {
  readonly #clock: Clock;
  readonly #bridges: () => readonly BridgeStatus[];
  readonly #options: BridgeSelectionOptions;
  readonly #failed = new Set<string>();
  /** By bridge, when endpoints were added lately. */
  readonly #unseenMs = new Map<string, number[]>();

  constructor(
    clock: Clock,
    bridges: () => readonly BridgeStatus[],
    options: BridgeSelectionOptions,
  ) {
    this.#clock = clock;
    this.#bridges = bridges;
    this.#options = options;
  }

  get hasBridge(): boolean {
    return this.#bridges().some(({ id }) => this.isUp(id));
  }

  isUp(bridgeId: string): boolean {
    if (this.#failed.has(bridgeId)) return false;
    return this.#bridges().some(({ id, isOperational }) => id === bridgeId && isOperational);
  }

  /** The bridge is down until `restored`. */
  failed(bridgeId: string): void {
    this.#failed.add(bridgeId);
    this.#unseenMs.delete(bridgeId);
  }

  restored(bridgeId: string): void {
    this.#failed.delete(bridgeId);
  }

  /** For one more endpoint of a conference that has so many on these bridges; undefined when no bridge is up. */
  select(counts: ReadonlyMap<string, number>): string | undefined {
    const chosen = this.choiceFor(counts);
    if (chosen !== undefined) this.#note(chosen);
    return chosen;
  }

  /** What `select` would say. */
  choiceFor(counts: ReadonlyMap<string, number>): string | undefined {
    const { maySpan, overloadStress, maxEndpointsPerConference } = this.#options;
    const candidates = this.#candidates(counts);
    const own = candidates.filter(({ count }) => count > 0);
    const chosen =
      own.length === 0
        ? candidates[0]
        : maySpan
          ? (own.find(isFree) ?? candidates.find(isFree) ?? own.find(hasRoom) ?? candidates[0])
          : own[0];
    return chosen?.id;

    function hasRoom({ count }: Candidate): boolean {
      return count < maxEndpointsPerConference;
    }
    function isFree(candidate: Candidate): boolean {
      return candidate.stress < overloadStress && hasRoom(candidate);
    }
  }

  /** Of the bridges that are up, the least loaded first; with what is not seen yet. */
  loads(): readonly { readonly id: string; readonly stress: number }[] {
    return this.#candidates(new Map());
  }

  /** Those that are up, the least loaded first. */
  #candidates(counts: ReadonlyMap<string, number>): Candidate[] {
    return this.#bridges()
      .filter(({ id }) => this.isUp(id))
      .map(({ id, stress }) => ({
        id,
        stress: stress + this.#unseenCount(id) * this.#options.endpointStress,
        count: counts.get(id) ?? 0,
      }))
      .sort((a, b) => a.stress - b.stress);
  }

  #note(bridgeId: string): void {
    const times = this.#unseenMs.get(bridgeId) ?? [];
    if (times.length < MAX_UNSEEN) times.push(this.#clock.nowMs());
    this.#unseenMs.set(bridgeId, times);
  }

  #unseenCount(bridgeId: string): number {
    const times = this.#unseenMs.get(bridgeId);
    if (times === undefined) return 0;
    const sinceMs = this.#clock.nowMs() - UNSEEN_MS;
    while (times.length > 0 && (times[0] ?? 0) <= sinceMs) times.shift();
    return times.length;
  }
}
