/**
 * Whether the application sends clearly less than it may (libwebrtc's ALR detector): then what
 * arrives says little about what could. A budget of 65 % of the estimate fills over half a second.
 */

const USAGE = 0.65;
const WINDOW_MS = 500;
const START_LEVEL = 0.8;
const STOP_LEVEL = 0.5;

export class ApplicationLimit {
  isLimited = false;
  #budgetBytes = 0;
  #lastMs = -1;

  sent(sizeBytes: number, estimateBps: number, nowMs: number): void {
    const elapsedMs = this.#lastMs < 0 ? 0 : Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    const bytesPerMs = (estimateBps * USAGE) / 8000;
    const maxBytes = bytesPerMs * WINDOW_MS;
    const filled = Math.min(this.#budgetBytes + bytesPerMs * elapsedMs, maxBytes);
    this.#budgetBytes = Math.max(filled - sizeBytes, -maxBytes);
    const level = this.#budgetBytes / maxBytes;
    if (level > START_LEVEL) this.isLimited = true;
    else if (level < STOP_LEVEL) this.isLimited = false;
  }
}
