/**
 * Finds the agent a STUN datagram is for, on one port that all endpoints share. Requests name the agent
 * in their USERNAME (RFC 8445 §7.2.2); responses echo our transaction id, whose first bytes are the agent's.
 *
 * Ask it for every STUN packet, also from bound addresses: a NAT may give an address to a new endpoint.
 */
import { isStun, stunUsername } from '../stun/index.ts';

/** What the registry needs to know of an agent. */
export interface RegisteredAgent {
  readonly localUfrag: string;
  /** First four bytes of the transaction ids of its checks, unsigned. */
  readonly transactionPrefix: number;
}

export class IceRegistry<T> {
  readonly #byUfrag = new Map<string, T>();
  readonly #byPrefix = new Map<number, T>();

  /** False, and nothing changes, when ufrag or prefix is taken: make a new agent. */
  add(agent: RegisteredAgent, value: T): boolean {
    if (this.#byUfrag.has(agent.localUfrag) || this.#byPrefix.has(agent.transactionPrefix)) {
      return false;
    }
    this.#byUfrag.set(agent.localUfrag, value);
    this.#byPrefix.set(agent.transactionPrefix, value);
    return true;
  }

  remove(agent: RegisteredAgent): void {
    this.#byUfrag.delete(agent.localUfrag);
    this.#byPrefix.delete(agent.transactionPrefix);
  }

  get size(): number {
    return this.#byUfrag.size;
  }

  /** The value registered for the agent this datagram is for; nothing is authenticated yet. */
  find(datagram: Uint8Array): T | undefined {
    if (!isStun(datagram)) return undefined;
    // The upper class bit is set in responses (RFC 8489 §5).
    if (((datagram[0] ?? 0) & 1) !== 0) {
      const [a = 0, b = 0, c = 0, d = 0] = datagram.subarray(8, 12);
      return this.#byPrefix.get(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
    }
    const username = stunUsername(datagram);
    if (username === undefined) return undefined;
    const colon = username.indexOf(':');
    return colon < 0 ? undefined : this.#byUfrag.get(username.slice(0, colon));
  }
}
