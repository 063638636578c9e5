/**
 * A typed password against a `userPassword` value that the directory gave out (RFC 2307 §5.3), for
 * LDAP_AUTH_METHOD=custom. Schemes are those of saslauthd that Node's OpenSSL knows.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const DIGESTS: Readonly<Record<string, { readonly hash: string; readonly bytes: number }>> = {
  MD5: { hash: 'md5', bytes: 16 },
  SMD5: { hash: 'md5', bytes: 16 },
  SHA: { hash: 'sha1', bytes: 20 },
  SSHA: { hash: 'sha1', bytes: 20 },
  SSHA256: { hash: 'sha256', bytes: 32 },
  SSHA512: { hash: 'sha512', bytes: 64 },
};

/** `unknown`: stored in a way that cannot be compared here. */
export function compareStoredPassword(
  stored: string,
  typed: string,
): 'equal' | 'different' | 'unknown' {
  const [, scheme, rest = ''] = /^\{([^}]{1,32})\}(.*)$/s.exec(stored) ?? [];
  if (scheme === undefined || scheme.toUpperCase() === 'CLEARTEXT') {
    const text = scheme === undefined ? stored : rest;
    return isSame(sha256(text), sha256(typed));
  }
  const digest = DIGESTS[scheme.toUpperCase()];
  if (digest === undefined) return 'unknown';
  const bytes = Buffer.from(rest, 'base64');
  if (bytes.length < digest.bytes) return 'unknown';
  const salt = bytes.subarray(digest.bytes);
  const made = createHash(digest.hash).update(typed, 'utf8').update(salt).digest();
  return isSame(bytes.subarray(0, digest.bytes), made);
}

function isSame(a: Uint8Array, b: Uint8Array): 'equal' | 'different' {
  return timingSafeEqual(a, b) ? 'equal' : 'different';
}

/** Equal lengths for the comparison in constant time. */
function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
