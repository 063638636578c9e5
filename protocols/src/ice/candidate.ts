/** Candidate arithmetic: priorities (RFC 8445 §5.1.2.1), foundations (§5.1.1.3), order of pairs (§6.1.2.3). */
import type { IceCandidateType } from './contract.ts';

/** The recommended type preferences (RFC 8445 §5.1.2.2). */
const TYPE_PREFERENCE: Readonly<Record<IceCandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/** Priority 1..2^31-1 of a candidate. `localPreference` 0..65535 orders addresses of one type, `component` is 1..256. */
export function candidatePriority(
  type: IceCandidateType,
  localPreference: number,
  component = 1,
): number {
  return TYPE_PREFERENCE[type] * 2 ** 24 + localPreference * 2 ** 8 + (256 - component);
}

/**
 * A foundation, 1..8 hex digits: equal for candidates of equal type, base address, transport and server, different
 * otherwise with all likelihood (FNV-1a; nothing depends on it being unique, RFC 8445 §5.1.1.3).
 */
export function candidateFoundation(
  type: IceCandidateType,
  baseIp: string,
  protocol: string,
  server = '',
): string {
  let hash = 0x811c9dc5;
  for (const character of `${type} ${baseIp} ${protocol} ${server}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/**
 * Order of two pairs that share the local candidate: negative when the pair with remote priority `a` is
 * checked first. The pair priority is 2^32 min(G,D) + 2 max(G,D) + (G>D); compared without 64-bit numbers.
 */
export function comparePairs(localPriority: number, a: number, b: number): number {
  const smaller = Math.min(localPriority, b) - Math.min(localPriority, a);
  return smaller !== 0 ? smaller : Math.max(localPriority, b) - Math.max(localPriority, a);
}
