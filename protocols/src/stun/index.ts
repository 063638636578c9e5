/** L1: STUN messages (RFC 8489). */
export type { StunCrypto } from './crypto.ts';
