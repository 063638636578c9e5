/** When a report of arrivals is due: with every second packet, or after a while (RFC 9260 §6.2: at most 500 ms). */

const DELAY_MS = 100;

export class SackSchedule {
  dueMs: number | undefined;
  #packets = 0;

  /** A packet with data came; `isUrgent`: the other side waits for the report. */
  packetArrived(isUrgent: boolean, nowMs: number): void {
    this.#packets++;
    if (this.#packets >= 2 || isUrgent) this.dueMs = nowMs;
    this.dueMs ??= nowMs + DELAY_MS;
  }

  /** Whether it is due, and then it counts as sent. */
  take(nowMs: number): boolean {
    if (this.dueMs === undefined || this.dueMs > nowMs) return false;
    this.reset();
    return true;
  }

  reset(): void {
    this.dueMs = undefined;
    this.#packets = 0;
  }
}
