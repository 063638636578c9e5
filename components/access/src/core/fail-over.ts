/** Which of several servers to ask first: the order they were named in, those that failed lately last. */

/** A server that failed goes to the end of the list for so long. */
const AVOID_MS = 30_000;
/** When all have just failed nobody is asked, so that a flood of log-ins does not wait in vain. */
const PAUSE_MS = 1_000;

export class FailOver {
  readonly #servers: readonly string[];
  readonly #failedAtMs = new Map<string, number>();

  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  /** Empty: every server has failed within the last second. */
  candidates(nowMs: number): string[] {
    const failedAt = (server: string) => this.#failedAtMs.get(server) ?? Number.NEGATIVE_INFINITY;
    if (this.#servers.every((server) => nowMs - failedAt(server) < PAUSE_MS)) return [];
    const good = this.#servers.filter((server) => nowMs - failedAt(server) >= AVOID_MS);
    const bad = this.#servers.filter((server) => !good.includes(server));
    return [...good, ...bad.sort((a, b) => failedAt(a) - failedAt(b))];
  }

  handleFailure(server: string, nowMs: number): void {
    this.#failedAtMs.set(server, nowMs);
  }

  handleSuccess(server: string): void {
    this.#failedAtMs.delete(server);
  }
}
