/** MESSAGE-INTEGRITY (RFC 8489 §14.5) and FINGERPRINT (§14.7): computing and checking. */
import { crc32 } from './crc32.ts';
import type { StunCrypto } from './crypto.ts';
import { STUN_HEADER_BYTES, type StunMessage } from './stun-message.ts';

export const INTEGRITY_BYTES = 20;
const FINGERPRINT_XOR = 0x5354554e;

/** The HMAC key of short-term credentials, which ICE uses (RFC 8489 §9.1.1): the password as it is. */
export function shortTermKey(password: string): Uint8Array {
  return new TextEncoder().encode(password);
}

/** Whether the message carries a MESSAGE-INTEGRITY made with `key`. */
export function verifyIntegrity(
  message: StunMessage,
  key: Uint8Array,
  crypto: StunCrypto,
): boolean {
  const at = message.integrityOffset;
  if (at === undefined) return false;
  const expected = integrityOf(message.bytes, at, key, crypto);
  // Time does not depend on where the first difference is.
  let difference = expected.length ^ INTEGRITY_BYTES;
  for (let i = 0; i < INTEGRITY_BYTES; i++) {
    difference |= (expected[i] ?? 0) ^ (message.bytes[at + 4 + i] ?? 0);
  }
  return difference === 0;
}

/** Whether the message ends in a correct FINGERPRINT. */
export function verifyFingerprint(message: StunMessage): boolean {
  const at = message.fingerprintOffset;
  if (at === undefined) return false;
  const { bytes } = message;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at + 4, at + 8);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 === fingerprintOf(bytes, at);
}

/** HMAC over `bytes[0..end)` with the length field as if the message ended behind MESSAGE-INTEGRITY. */
export function integrityOf(
  bytes: Uint8Array,
  end: number,
  key: Uint8Array,
  crypto: StunCrypto,
): Uint8Array {
  const covered = new Uint8Array(end); // not slice(): that of a Node Buffer does not copy
  covered.set(bytes.subarray(0, end));
  setLength(covered, end + 4 + INTEGRITY_BYTES - STUN_HEADER_BYTES);
  return crypto.hmacSha1(key, covered);
}

/** The value of FINGERPRINT over `bytes[0..end)`, whose length field already counts it. Unsigned. */
export function fingerprintOf(bytes: Uint8Array, end: number): number {
  return (crc32(bytes, end) ^ FINGERPRINT_XOR) >>> 0;
}

/** Sets the length field of the header. */
export function setLength(bytes: Uint8Array, length: number): void {
  bytes[2] = length >>> 8;
  bytes[3] = length & 0xff;
}
