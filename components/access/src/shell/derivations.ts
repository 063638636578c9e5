/**
 * PBKDF2 (RFC 8018 §5.2) with a modern cost, off the event loop. One at a time and few waiting: a flood
 * of log-ins costs one thread, and whoever comes too late is told so at once.
 */
import { pbkdf2 } from 'node:crypto';

export interface DerivationRequest {
  readonly digest: 'sha1' | 'sha256';
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Bytes. */
  readonly length: number;
}

export type Derive = (request: DerivationRequest) => Promise<Uint8Array>;

export const deriveInPool: Derive = ({ digest, password, salt, iterations, length }) =>
  new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, length, digest, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });

export interface DerivationLimits {
  /** Waiting, over all addresses. */
  readonly maxWaiting: number;
  /** Waiting or under way for one address. */
  readonly maxPerAddress: number;
}

const DEFAULT_DERIVATION_LIMITS: DerivationLimits = { maxWaiting: 24, maxPerAddress: 6 };

export class Derivations {
  readonly #derive: Derive;
  readonly #limits: DerivationLimits;
  readonly #waiting: (() => void)[] = [];
  readonly #byAddress = new Map<string, number>();
  #isBusy = false;

  constructor(derive: Derive, limits: DerivationLimits = DEFAULT_DERIVATION_LIMITS) {
    this.#derive = derive;
    this.#limits = limits;
  }

  /** For metrics. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether another one would find a place now. */
  hasRoomFor(address: string): boolean {
    const { maxPerAddress, maxWaiting } = this.#limits;
    if ((this.#byAddress.get(address) ?? 0) >= maxPerAddress) return false;
    return !this.#isBusy || this.#waiting.length < maxWaiting;
  }

  /** Undefined when there is no room for another. */
  async run(request: DerivationRequest, address: string): Promise<Uint8Array | undefined> {
    if (!this.hasRoomFor(address)) return undefined;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    try {
      if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#isBusy = true;
      return await this.#derive(request);
    } finally {
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
      const next = this.#waiting.shift();
      // Stays busy for the next one, or somebody new would come in between.
      if (next === undefined) this.#isBusy = false;
      else next();
    }
  }
}
