/** Decides whether a request is a connectivity check for us (RFC 8445 §7.3, RFC 8489 §9.1.3). */
import {
  Priority,
  readStunAttribute,
  type StunCrypto,
  type StunMessage,
  UseCandidate,
  Username,
  unknownRequiredAttributes,
  verifyIntegrity,
} from '../stun/index.ts';

export type CheckVerdict =
  | { readonly type: 'good'; readonly remoteUfrag: string }
  /** Not for us, or from a client with other credentials. */
  | { readonly type: 'username' }
  /** Not signed with our password. */
  | { readonly type: 'integrity' }
  /** Authentic, but with attributes we would have to understand: to be refused with 420. */
  | { readonly type: 'unknown'; readonly attributes: readonly number[] };

/** Comprehension-required attributes a check may have; the parser takes MESSAGE-INTEGRITY out. */
const KNOWN_ATTRIBUTES: ReadonlySet<number> = new Set([
  Username.type,
  Priority.type,
  UseCandidate.type,
]);

/** `remoteUfrag` is undefined while the other side's credentials are unknown: then any will do. */
export function judgeCheckRequest(
  message: StunMessage,
  localUfrag: string,
  localKey: Uint8Array,
  remoteUfrag: string | undefined,
  crypto: StunCrypto,
): CheckVerdict {
  const parts = (readStunAttribute(message, Username) ?? '').split(':');
  const [local, remote] = parts;
  if (parts.length !== 2 || local !== localUfrag || remote === undefined) {
    return { type: 'username' };
  }
  if (remoteUfrag !== undefined && remote !== remoteUfrag) return { type: 'username' };
  if (!verifyIntegrity(message, localKey, crypto)) return { type: 'integrity' };
  const unknown = unknownRequiredAttributes(message, KNOWN_ATTRIBUTES);
  return unknown.length > 0
    ? { type: 'unknown', attributes: unknown }
    : { type: 'good', remoteUfrag: remote };
}
