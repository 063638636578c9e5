/**
 * Counts what each remote address holds open, so that one address cannot take everything. IPv6
 * addresses count by /64: one subscriber usually has that many (RFC 6177 §2).
 */
import { isIPv6 } from 'node:net';

export class AddressCounter {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** `limit` per address; 0 for no limit. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place and returns how to give it back (once counted, however often called), or undefined when full. */
  take(address: string): (() => void) | undefined {
    const key = addressKey(address);
    const count = this.#counts.get(key) ?? 0;
    if (this.#limit !== 0 && count >= this.#limit) return undefined;
    this.#counts.set(key, count + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }

  /** Addresses that hold something. */
  get size(): number {
    return this.#counts.size;
  }
}

/** The address as far as it tells one subscriber from another: of IPv6 the /64. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail === '' ? 0 : tail.split(':').length;
    while (groups.length < 8 - tailGroups) groups.push('0');
    if (groups.length < 4 && tail !== '') groups.push(...tail.split(':'));
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
