/** Which side nominates, and how a conflict about that ends (RFC 8445 §7.3.1.1, §7.2.5.1). */
import type { RandomSource } from '@conclave/base';
import {
  IceControlled,
  IceControlling,
  readStunAttribute,
  type StunMessage,
} from '../stun/index.ts';
import type { IceRole } from './contract.ts';

const TIE_BREAKER_BYTES = 8;

export class RoleState {
  role: IceRole;
  tieBreaker: Uint8Array;
  /** Conflicts seen, whoever gave in. */
  conflicts = 0;
  readonly #random: RandomSource;

  constructor(role: IceRole, random: RandomSource) {
    this.role = role;
    this.#random = random;
    this.tieBreaker = random.bytes(TIE_BREAKER_BYTES);
  }

  /** Looks at an authenticated request. False: refuse it with 487, the other side must change; else we have changed if needed. */
  settle(request: StunMessage): boolean {
    const ours = this.role === 'controlling' ? IceControlling : IceControlled;
    const theirs = readStunAttribute(request, ours);
    if (theirs === undefined) return true;
    this.conflicts++;
    // The larger tie-breaker is the controlling one.
    const isOursLarger = compareBytes(this.tieBreaker, theirs) >= 0;
    if (isOursLarger === (this.role === 'controlling')) return false;
    this.#switch();
    return true;
  }

  /** Our check, sent as `checkRole`, was refused with 487: give in, unless that has happened already. */
  handleConflict(checkRole: IceRole): void {
    this.conflicts++;
    if (checkRole !== this.role) return;
    this.#switch();
    this.tieBreaker = this.#random.bytes(TIE_BREAKER_BYTES);
  }

  #switch(): void {
    this.role = this.role === 'controlling' ? 'controlled' : 'controlling';
  }
}

/** Order of two equally long byte strings as unsigned numbers. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
