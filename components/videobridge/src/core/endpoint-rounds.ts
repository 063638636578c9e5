/**
 * Visits all endpoints of a conference in turn, a few on every tick: with thousands who only listen, fetching each of
 * them from memory is what a tick costs, and all at once would hold up packets.
 */

/** Of one round. Nothing about an endpoint that is quiet needs to be more punctual. */
export const ROUND_MS = 250;

export class EndpointRounds<T> {
  #round: readonly T[] = [];
  #at = 0;
  #startMs = Number.NEGATIVE_INFINITY;

  /**
   * Calls `visit` with those whose turn it is, spread over the round by the time between calls. `members`: as
   * they are when a round begins; who leaves meanwhile is still visited, who comes waits for the next.
   */
  advance(members: () => Iterable<T>, nowMs: number, visit: (member: T) => void): void {
    if (this.#at === this.#round.length && nowMs - this.#startMs >= ROUND_MS) {
      this.#round = [...members()];
      this.#at = 0;
      this.#startMs = nowMs;
    }
    const share = Math.min(1, (nowMs - this.#startMs) / ROUND_MS);
    const end = Math.ceil(this.#round.length * share);
    while (this.#at < end) visit(this.#round[this.#at++]!);
  }
}
