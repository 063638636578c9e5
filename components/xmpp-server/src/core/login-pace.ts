/** How fast log-ins from one network address may follow each other (docs: protocol-signaling 14). */
import { TokenBucket } from '@conclave/base';
import type { CoreContext } from './context.ts';

/** What may come at once, as seconds of the rate. */
const BURST_S = 2;

export class LoginPace {
  readonly #core: CoreContext;
  /** In order of last use; idle ones are forgotten. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(core: CoreContext) {
    this.#core = core;
  }

  /** How long the next log-in from `address` has to wait; undefined: longer than it may. */
  waitMs(address: string): number | undefined {
    const { nowMs, options } = this.#core;
    const { loginsPerSecond, loginTimeoutMs } = options.limits;
    if (loginsPerSecond === 0 || options.mayHurry(address)) return 0;
    const key = networkOf(address);
    const known = this.#buckets.get(key);
    if (known === undefined) this.#forgetIdle(nowMs);
    const bucket = known ?? new TokenBucket(loginsPerSecond, loginsPerSecond * BURST_S, nowMs);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const waitMs = bucket.waitMs(1, nowMs);
    // The rest of its time is for the log-in itself.
    if (waitMs > loginTimeoutMs / 2) return undefined;
    bucket.take(1, nowMs);
    return waitMs;
  }

  #forgetIdle(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (!bucket.isFull(nowMs)) break;
      this.#buckets.delete(key);
    }
  }
}

/** Of IPv6 the first 64 bits: a household has them all. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = ''] = address.split('::', 1);
  const groups = head === '' ? [] : head.split(':');
  const zeros = address.includes('::') ? ['0', '0', '0', '0'] : [];
  return [...groups, ...zeros].slice(0, 4).join(':');
}
