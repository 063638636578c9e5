/**
 * Moves people away from bridges that have more to do than they can bear, to others that have room, as Jicofo's load redistribution
 * does. Whoever is moved begins a new media session and misses a second of the call: so it is done to few at a time, and not often.
 */
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import type { BridgeSelector } from './bridge-selector.ts';

export interface LoadRedistributionOptions {
  readonly isEnabled: boolean;
  readonly intervalMs: number;
  /** From this stress on people are moved away; more than what keeps newcomers away. */
  readonly stressThreshold: number;
  /** A bridge that people were moved away from is left alone for so long: its stress is told smoothed. */
  readonly pauseMs: number;
  /** So many at a time, from the largest conferences of the bridge. */
  readonly endpoints: number;
}

export interface MovableConference {
  countOn(bridgeId: string): number;
  /** How many people were moved, at most `count`. */
  moveAway(bridgeId: string, count: number): number;
}

export interface LoadRedistributorDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly selector: BridgeSelector;
  readonly conferences: () => Iterable<MovableConference>;
}

export class LoadRedistributor {
  /** People, since the start. */
  moved = 0;
  readonly #deps: LoadRedistributorDependencies;
  readonly #options: LoadRedistributionOptions;
  /** By bridge. */
  readonly #pausedUntilMs = new Map<string, number>();
  #timer: TimerHandle | undefined;

  constructor(deps: LoadRedistributorDependencies, options: LoadRedistributionOptions) {
    this.#deps = deps;
    this.#options = options;
    if (options.isEnabled) this.#schedule();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#deps.timers.schedule(this.#options.intervalMs, () => {
      this.#schedule();
      this.#review();
    });
  }

  #review(): void {
    const { stressThreshold, pauseMs } = this.#options;
    const nowMs = this.#deps.clock.nowMs();
    for (const { id, stress } of this.#deps.selector.loads()) {
      if (stress < stressThreshold || nowMs < (this.#pausedUntilMs.get(id) ?? 0)) continue;
      const moved = this.#moveFrom(id);
      if (moved === 0) continue;
      this.moved += moved;
      this.#pausedUntilMs.set(id, nowMs + pauseMs);
      this.#deps.logger.warn('focus.load.moved', { bridgeId: id, stress, people: moved });
    }
  }

  #moveFrom(bridgeId: string): number {
    const conferences = [...this.#deps.conferences()]
      .map((conference) => ({ conference, count: conference.countOn(bridgeId) }))
      .sort((a, b) => b.count - a.count);
    let left = this.#options.endpoints;
    for (const { conference, count } of conferences) {
      if (left === 0 || count === 0) break;
      left -= conference.moveAway(bridgeId, left);
    }
    return this.#options.endpoints - left;
  }
}
