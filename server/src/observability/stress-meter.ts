/** How loaded the machine's share of this process is: CPU time by time, cores and what is bearable. */
import type { TimerHandle, Timers } from '@conclave/base';

export interface StressReadings {
  /** CPU time of the process so far. */
  cpuSeconds(): number;
  nowMs(): number;
  readonly cores: number;
}

const INTERVAL_MS = 10_000;
/** This part of all cores counts as a stress of 1, as in Jitsi's bridge. */
const BEARABLE_LOAD = 0.9;

export class StressMeter {
  readonly #timers: Timers;
  readonly #readings: StressReadings;
  /** Of the last interval; 0 before the first is over. */
  stress = 0;
  #cpuSeconds: number;
  #sampledMs: number;
  #timer: TimerHandle;

  constructor(timers: Timers, readings: StressReadings) {
    this.#timers = timers;
    this.#readings = readings;
    this.#cpuSeconds = readings.cpuSeconds();
    this.#sampledMs = readings.nowMs();
    this.#timer = timers.schedule(INTERVAL_MS, () => this.#sample());
  }

  close(): void {
    this.#timer.cancel();
  }

  #sample(): void {
    const cpuSeconds = this.#readings.cpuSeconds();
    const nowMs = this.#readings.nowMs();
    const seconds = Math.max(0.001, (nowMs - this.#sampledMs) / 1000);
    const load = (cpuSeconds - this.#cpuSeconds) / seconds / this.#readings.cores;
    this.stress = Math.max(0, load / BEARABLE_LOAD);
    this.#cpuSeconds = cpuSeconds;
    this.#sampledMs = nowMs;
    this.#timer = this.#timers.schedule(INTERVAL_MS, () => this.#sample());
  }
}
