/** How loaded a bridge worker is: the CPU time of its thread by time, and by what is bearable. */

const INTERVAL_MS = 1000;
/** This part of one core counts as a stress of 1, as in Jitsi's bridge. */
const BEARABLE_LOAD = 0.9;
/** Part of what was before in what is told: one busy second is no overload. */
const SMOOTHING = 0.6;
/** Smaller changes are not worth telling. */
const NOTABLE = 0.005;

export class LoadMeter {
  #cpuSeconds: number;
  #sampledMs: number;
  /** As last measured: 1 and above is overload. */
  stress = 0;
  #told = 0;

  /** `cpuSeconds`: of the thread so far. */
  constructor(cpuSeconds: number, nowMs: number) {
    this.#cpuSeconds = cpuSeconds;
    this.#sampledMs = nowMs;
  }

  /** The stress (1 and above is overload) when there is something new to tell; call it as often as you like. */
  read(nowMs: number, cpuSeconds: () => number): number | undefined {
    const passedMs = nowMs - this.#sampledMs;
    if (passedMs < INTERVAL_MS) return undefined;
    const used = cpuSeconds();
    const load = ((used - this.#cpuSeconds) * 1000) / passedMs / BEARABLE_LOAD;
    this.#cpuSeconds = used;
    this.#sampledMs = nowMs;
    this.stress = SMOOTHING * this.stress + (1 - SMOOTHING) * Math.max(0, load);
    if (Math.abs(this.stress - this.#told) < NOTABLE) return undefined;
    this.#told = this.stress;
    return this.stress;
  }
}
