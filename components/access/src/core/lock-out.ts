/**
 * Guessing is slowed down: too many wrong passwords from one address for one account, for one account
 * from anywhere, or from one address for any account, and nothing is checked for a while. Names that do
 * not exist count alike, so a lock says nothing about them.
 */

export interface LockOutOptions {
  /** Failures in the window after which it is locked. */
  readonly perAccountAndAddress: number;
  readonly perAccount: number;
  /** 0 for no limit: behind a reverse proxy everyone has the same address. */
  readonly perAddress: number;
  readonly windowMs: number;
}

export const DEFAULT_LOCK_OUT: LockOutOptions = {
  perAccountAndAddress: 5,
  perAccount: 100,
  perAddress: 50,
  windowMs: 5 * 60_000,
};

/** Names and addresses remembered; the oldest go first. */
const MAX_ENTRIES = 50_000;

interface Failures {
  count: number;
  /** When they are forgotten, and so is the lock. */
  endMs: number;
}

export class LockOut {
  readonly #options: LockOutOptions;
  readonly #failures = new Map<string, Failures>();

  constructor(options: LockOutOptions) {
    this.#options = options;
  }

  /**
   * How long until another try is looked at, ms; 0 when it may be now. `address` stands for a
   * household or an office: of IPv6 its /64.
   */
  lockedMs(account: string, address: string, nowMs: number): number {
    let endMs = nowMs;
    for (const [key, limit] of this.#keys(account, address)) {
      const entry = this.#failures.get(key);
      if (entry !== undefined && entry.count >= limit) endMs = Math.max(endMs, entry.endMs);
    }
    return endMs - nowMs;
  }

  /** True when this failure locked something. `person`: another name by which it counts. */
  failed(account: string, address: string, nowMs: number, person?: string): boolean {
    let hasLocked = false;
    for (const [key, limit] of this.#keys(account, address, person)) {
      const known = this.#failures.get(key);
      const entry =
        known !== undefined && known.endMs > nowMs
          ? known
          : { count: 0, endMs: nowMs + this.#options.windowMs };
      entry.count++;
      if (entry.count === limit) {
        hasLocked = true;
        entry.endMs = nowMs + this.#options.windowMs;
      }
      // Put at the end: the map is in order of last use.
      this.#failures.delete(key);
      this.#failures.set(key, entry);
    }
    this.#forget(nowMs);
    return hasLocked;
  }

  /** Only what this person did wrong here is forgotten: an attacker's own log-in clears nothing else. */
  succeeded(account: string, address: string): void {
    this.#failures.delete(keyOf(account, address));
  }

  #keys(account: string, address: string, person?: string): [string, number][] {
    const { perAccountAndAddress, perAccount, perAddress } = this.#options;
    const keys: [string, number][] = [
      [keyOf(account, address), perAccountAndAddress],
      [`account ${account}`, perAccount],
    ];
    if (person !== undefined) {
      keys.push([keyOf(person, address), perAccountAndAddress], [`account ${person}`, perAccount]);
    }
    if (perAddress > 0) keys.push([`address ${address}`, perAddress]);
    return keys;
  }

  #forget(nowMs: number): void {
    for (const [key, { endMs }] of this.#failures) {
      if (endMs > nowMs && this.#failures.size <= MAX_ENTRIES) return;
      this.#failures.delete(key);
    }
  }
}

function keyOf(account: string, address: string): string {
  return `both ${address} ${account}`;
}
