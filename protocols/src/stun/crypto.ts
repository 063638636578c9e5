/** What STUN needs from cryptography (RFC 8489 §14.5); injected, so that the codec runs anywhere. */

export interface StunCrypto {
  /** HMAC-SHA1, 20 bytes. Synchronous: it runs on the path of every check. */
  hmacSha1(key: Uint8Array, data: Uint8Array): Uint8Array;
}
