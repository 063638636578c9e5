/** Time that stands still until a test moves it: `Clock` and `Timers` in one. */
import type { Clock, TimerHandle, Timers } from '@conclave/base';

interface Scheduled {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock, Timers {
  readonly #scheduled = new Set<Scheduled>();
  readonly #wallOffsetMs: number;
  #nowMs: number;
  #order = 0;

  /** Starts at `startMs` (monotonic); the wall clock reads `wallStartMs` then. */
  constructor(startMs = 0, wallStartMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = wallStartMs - startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  schedule(delayMs: number, callback: () => void): TimerHandle {
    const entry = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#scheduled.add(entry);
    return { cancel: () => this.#scheduled.delete(entry) };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingCount(): number {
    return this.#scheduled.size;
  }

  /** When the next timer is due (monotonic), or undefined when none is pending. */
  get nextTimeoutMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /**
   * Moves time on by `durationMs`, firing what becomes due in order of time, then of scheduling.
   * Timers scheduled meanwhile fire too when they fall inside; each sees its own due time as now.
   */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#next(); next !== undefined && next.dueMs <= endMs; next = this.#next()) {
      this.#scheduled.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }

  #next(): Scheduled | undefined {
    let next: Scheduled | undefined;
    for (const entry of this.#scheduled) {
      const isSooner = next === undefined || entry.dueMs < next.dueMs;
      if (isSooner || (entry.dueMs === next?.dueMs && entry.order < next.order)) next = entry;
    }
    return next;
  }
}
