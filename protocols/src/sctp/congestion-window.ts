/** How much may be under way (RFC 9260 §7.2): slow start, congestion avoidance, one decrease per loss event. */
import { tsnDistance } from './tsn.ts';

const MAX_WINDOW_BYTES = 262_144;

export class CongestionWindow {
  windowBytes: number;
  readonly #packetBytes: number;
  #slowStartThreshold = MAX_WINDOW_BYTES;
  #partlyAcknowledgedBytes = 0;
  /** The highest TSN under way when a loss was noticed; until it arrives no further decrease. */
  #recoveryEnd: number | undefined;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
    // RFC 9260 §7.2.1
    this.windowBytes = Math.min(4 * packetBytes, Math.max(2 * packetBytes, 4404));
  }

  /** The cumulative TSN went on by `bytes`; `wasFull` when the window was used up before. */
  acknowledged(bytes: number, cumulativeTsn: number, wasFull: boolean): void {
    if (this.#recoveryEnd !== undefined) {
      if (tsnDistance(cumulativeTsn, this.#recoveryEnd) < 0) return;
      this.#recoveryEnd = undefined;
    }
    if (this.windowBytes <= this.#slowStartThreshold) {
      if (wasFull) this.#grow(Math.min(bytes, this.#packetBytes));
      return;
    }
    this.#partlyAcknowledgedBytes += bytes;
    if (this.#partlyAcknowledgedBytes < this.windowBytes || !wasFull) return;
    this.#partlyAcknowledgedBytes -= this.windowBytes;
    this.#grow(this.#packetBytes);
  }

  /** Three reports passed over a chunk (§7.2.4). False while the last loss is still being repaired. */
  lost(highestTsn: number): boolean {
    if (this.#recoveryEnd !== undefined) return false;
    this.#decrease();
    this.windowBytes = this.#slowStartThreshold;
    this.#recoveryEnd = highestTsn;
    return true;
  }

  /** Nothing was heard for a whole timeout (§7.2.3). */
  timedOut(): void {
    this.#decrease();
    this.windowBytes = this.#packetBytes;
    this.#recoveryEnd = undefined;
  }

  #grow(bytes: number): void {
    this.windowBytes = Math.min(MAX_WINDOW_BYTES, this.windowBytes + bytes);
  }

  #decrease(): void {
    this.#slowStartThreshold = Math.max(this.windowBytes / 2, 4 * this.#packetBytes);
    this.#partlyAcknowledgedBytes = 0;
  }
}
