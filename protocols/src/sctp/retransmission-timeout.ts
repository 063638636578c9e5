/**
 * How long to wait for an acknowledgement (RFC 9260 §6.3.1). The bounds are those of the data channel
 * stacks of browsers and of Jitsi's bridge rather than the RFC's 1 to 60 s: behind ICE a path that is
 * gone is noticed elsewhere, so a short wait risks nothing but a needless packet.
 */
const INITIAL_MS = 500;
/** Above the 200 ms by which the other side may delay its acknowledgement. */
const MIN_MS = 400;
const MAX_MS = 3000;

export class RetransmissionTimeout {
  #currentMs = INITIAL_MS;
  #smoothedMs: number | undefined;
  #variationMs = 0;

  get currentMs(): number {
    return this.#currentMs;
  }

  /** Never of a chunk that was sent twice (Karn). */
  addRoundTrip(roundTripMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = roundTripMs;
      this.#variationMs = roundTripMs / 2;
    } else {
      const deviationMs = Math.abs(this.#smoothedMs - roundTripMs);
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * deviationMs;
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * roundTripMs;
    }
    this.#currentMs = clamp(this.#smoothedMs + 4 * this.#variationMs);
  }

  /** Nothing came in time. */
  backOff(): void {
    this.#currentMs = clamp(this.#currentMs * 2);
  }
}

function clamp(valueMs: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, valueMs));
}
