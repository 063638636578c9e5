/** Digests and message authentication codes that protocols need (RFC 2104, RFC 8489 §14.5). */
import { createHash, createHmac } from 'node:crypto';

/** HMAC-SHA1, 20 bytes: STUN's MESSAGE-INTEGRITY. */
export function hmacSha1(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha1', key).update(data).digest();
}

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
