/**
 * How good everybody's connection is, 0 to 100: our own from what the browser measures, the others' as they say
 * (`EndpointStats` on the bridge channel, as Jitsi's clients send it).
 */
import type { TimerHandle, Timers } from '@conclave/base';
import type { EndpointStats } from '@conclave/protocols/bridge-channel';
import { type ReadonlyStore, Store } from '../store.ts';
import type { CallStats } from './call-stats.ts';

const INTERVAL_MS = 5_000;
const MAX_REMEMBERED = 500;
/** A round trip below this is not felt; each 100 ms more cost 8 points. */
const GOOD_ROUND_TRIP_MS = 200;
/** Loss is repaired, but not for ever: one per cent costs three points. */
const POINTS_PER_LOSS = 300;

export interface QualityDependencies {
  readonly timers: Timers;
  readonly ownId: string;
  collect(): Promise<CallStats>;
  /** To everybody in the room. */
  send(stats: EndpointStats): void;
}

/** Undefined while nothing was received in between. */
export function qualityBetween(before: CallStats, now: CallStats): number | undefined {
  const sum = (stats: CallStats, field: 'packets' | 'packetsLost') =>
    stats.inbound.reduce((total, stream) => total + stream[field], 0);
  const received = sum(now, 'packets') - sum(before, 'packets');
  const lost = Math.max(0, sum(now, 'packetsLost') - sum(before, 'packetsLost'));
  if (received <= 0) return undefined;
  const loss = Math.max(lost / (lost + received), now.uploadLoss);
  const tooLateMs = Math.max(0, (now.roundTripTimeMs ?? 0) - GOOD_ROUND_TRIP_MS);
  const quality = 100 - loss * POINTS_PER_LOSS - (tooLateMs / 100) * 8;
  return Math.round(Math.min(100, Math.max(0, quality)));
}

export class ConnectionQuality {
  readonly #dependencies: QualityDependencies;
  readonly #all = new Store<ReadonlyMap<string, number>>(new Map());
  #before: CallStats | undefined;
  #timer: TimerHandle | undefined;

  constructor(dependencies: QualityDependencies) {
    this.#dependencies = dependencies;
  }

  /** By endpoint id, our own too; who says nothing is not in it. */
  get all(): ReadonlyStore<ReadonlyMap<string, number>> {
    return this.#all;
  }

  start(): void {
    this.stop();
    this.#timer = this.#dependencies.timers.schedule(INTERVAL_MS, () => {
      void this.#measure();
    });
  }

  /** Idempotent. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  handleStats(fromId: string, stats: EndpointStats): void {
    const quality = stats.connectionQuality;
    if (typeof quality !== 'number' || !(quality >= 0 && quality <= 100)) return;
    this.#set(fromId, quality);
  }

  handleLeft(id: string): void {
    if (!this.#all.get().has(id)) return;
    const rest = new Map(this.#all.get());
    rest.delete(id);
    this.#all.set(rest);
  }

  async #measure(): Promise<void> {
    const timer = this.#timer;
    const { ownId, collect, send } = this.#dependencies;
    let now: CallStats;
    try {
      now = await collect();
    } catch {
      return; // The peer connection was closed meanwhile; the next session starts again.
    }
    if (timer !== this.#timer) return;
    const quality = this.#before && qualityBetween(this.#before, now);
    this.#before = now;
    if (quality !== undefined) {
      this.#set(ownId, quality);
      const { uploadLoss, roundTripTimeMs } = now;
      send({
        colibriClass: 'EndpointStats',
        connectionQuality: quality,
        packetLoss: { upload: Math.round(uploadLoss * 100) },
        ...(roundTripTimeMs !== undefined && { jvbRTT: Math.round(roundTripTimeMs) }),
      });
    }
    this.start();
  }

  #set(id: string, quality: number): void {
    const all = this.#all.get();
    if (all.get(id) === quality) return;
    if (!all.has(id) && all.size >= MAX_REMEMBERED) return;
    this.#all.set(new Map(all).set(id, quality));
  }
}
