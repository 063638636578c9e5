/** Clients that asked for the conference and have not joined yet: while there are any, an empty conference goes on. */

/** More are not remembered. */
const MAX_EXPECTED = 1_000;

export class ExpectedClients {
  /** By real JID, with the time until which they are waited for. */
  readonly #untilMs = new Map<string, number>();

  add(realJid: string, untilMs: number): void {
    if (this.#untilMs.size < MAX_EXPECTED) this.#untilMs.set(realJid, untilMs);
  }

  hasCome(realJid: string): void {
    this.#untilMs.delete(realJid);
  }

  /** For how long somebody is expected; 0 for nobody. */
  waitMs(nowMs: number): number {
    let latestMs = nowMs;
    for (const [realJid, untilMs] of this.#untilMs) {
      if (untilMs <= nowMs) this.#untilMs.delete(realJid);
      latestMs = Math.max(latestMs, untilMs);
    }
    return latestMs - nowMs;
  }
}
