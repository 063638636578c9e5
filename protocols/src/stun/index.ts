/** L1: STUN messages (RFC 8489) and the attributes of ICE (RFC 8445 §16.1). */
export type { StunAttribute } from './attribute.ts';
export { ErrorCode, STUN_ERRORS, type StunError } from './attributes/error-code.ts';
export { IceControlled, IceControlling } from './attributes/ice-role.ts';
export { Priority } from './attributes/priority.ts';
export { Software } from './attributes/software.ts';
export { textAttribute } from './attributes/text-attribute.ts';
export { UnknownAttributes } from './attributes/unknown-attributes.ts';
export { UseCandidate } from './attributes/use-candidate.ts';
export { Username } from './attributes/username.ts';
export {
  type StunAddress,
  XorMappedAddress,
  xorAddressAttribute,
} from './attributes/xor-address.ts';
export type { StunCrypto } from './crypto.ts';
export { shortTermKey, verifyFingerprint, verifyIntegrity } from './integrity.ts';
export {
  isStun,
  MAX_STUN_ATTRIBUTES,
  parseStunMessage,
  type RawStunAttribute,
  readStunAttribute,
  STUN_BINDING,
  STUN_HEADER_BYTES,
  type StunClass,
  type StunMessage,
  stunUsername,
  TRANSACTION_ID_BYTES,
  unknownRequiredAttributes,
} from './stun-message.ts';
export { StunWriter } from './stun-writer.ts';
