/**
 * Reads STUN messages in place (RFC 8489 §5, §14): bounded, never throws.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |0 0|     STUN message type     |         message length        |
 *     |                  magic cookie 0x2112A442                      |
 *     |                  transaction id (96 bits)                     |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     attributes: type (16) | length (16) | value, padded to 32 bits
 */
import type { StunAttribute } from './attribute.ts';

export const STUN_HEADER_BYTES = 20;
export const TRANSACTION_ID_BYTES = 12;
export const STUN_BINDING = 0x001;

/** More attributes than this in one message: refused. TURN and ICE need fewer than fifteen. */
export const MAX_STUN_ATTRIBUTES = 32;

export const ATTRIBUTE_USERNAME = 0x0006;
export const ATTRIBUTE_MESSAGE_INTEGRITY = 0x0008;
export const ATTRIBUTE_FINGERPRINT = 0x8028;

export type StunClass = 'request' | 'indication' | 'success' | 'error';

/** In the order of the two class bits (RFC 8489 §5). */
export const STUN_CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

/** Where one attribute's value is in the message. */
export interface RawStunAttribute {
  readonly type: number;
  readonly offset: number;
  readonly length: number;
}

/** A message of sound structure. Nothing is verified: see `verifyIntegrity` and `verifyFingerprint`. */
export interface StunMessage {
  readonly messageClass: StunClass;
  /** 12 bits. */
  readonly method: number;
  /** The whole message; borrowed from the caller of `parseStunMessage`. */
  readonly bytes: Uint8Array;
  /** A view into `bytes`. */
  readonly transactionId: Uint8Array;
  /** In order, without what stands behind MESSAGE-INTEGRITY: that is not protected (RFC 8489 §14.5). */
  readonly attributes: readonly RawStunAttribute[];
  /** Offset of the MESSAGE-INTEGRITY attribute's header. */
  readonly integrityOffset: number | undefined;
  /** Offset of the FINGERPRINT attribute's header; it is the last one. */
  readonly fingerprintOffset: number | undefined;
}

/** Whether the bytes look like STUN: two zero bits and the magic cookie. */
export function isStun(bytes: Uint8Array): boolean {
  return (
    bytes.length >= STUN_HEADER_BYTES &&
    ((bytes[0] ?? 0xff) & 0xc0) === 0 &&
    bytes[4] === 0x21 &&
    bytes[5] === 0x12 &&
    bytes[6] === 0xa4 &&
    bytes[7] === 0x42
  );
}

/** The message in a datagram, or undefined when it is not exactly one well-formed STUN message. */
export function parseStunMessage(bytes: Uint8Array): StunMessage | undefined {
  if (!isStun(bytes)) return undefined;
  if (uint16(bytes, 2) + STUN_HEADER_BYTES !== bytes.length || bytes.length % 4 !== 0) {
    return undefined;
  }
  const attributes: RawStunAttribute[] = [];
  let integrityOffset: number | undefined;
  let fingerprintOffset: number | undefined;
  let count = 0;
  for (let at = STUN_HEADER_BYTES; at < bytes.length; ) {
    if (fingerprintOffset !== undefined) return undefined; // it must be the last (§14.7)
    if (++count > MAX_STUN_ATTRIBUTES) return undefined;
    const type = uint16(bytes, at);
    const length = uint16(bytes, at + 2);
    const end = at + 4 + ((length + 3) & ~3);
    if (end > bytes.length) return undefined;
    if (type === ATTRIBUTE_FINGERPRINT) {
      if (length !== 4) return undefined;
      fingerprintOffset = at;
    } else if (integrityOffset === undefined) {
      if (type === ATTRIBUTE_MESSAGE_INTEGRITY) {
        if (length !== 20) return undefined;
        integrityOffset = at;
      } else {
        attributes.push({ type, offset: at + 4, length });
      }
    }
    at = end;
  }
  const type = uint16(bytes, 0);
  return {
    messageClass: STUN_CLASSES[((type >>> 7) & 2) | ((type >>> 4) & 1)] ?? 'request',
    method: (type & 0xf) | ((type >>> 1) & 0x70) | ((type >>> 2) & 0xf80),
    bytes,
    transactionId: bytes.subarray(8, STUN_HEADER_BYTES),
    attributes,
    integrityOffset,
    fingerprintOffset,
  };
}

/** The value of the first attribute of this kind (RFC 8489 §14: only the first counts); undefined when absent or malformed. */
export function readStunAttribute<T>(
  message: StunMessage,
  attribute: StunAttribute<T>,
): T | undefined {
  for (const { type, offset, length } of message.attributes) {
    if (type === attribute.type) {
      return attribute.read(message.bytes.subarray(offset, offset + length), message.transactionId);
    }
  }
  return undefined;
}

/**
 * Comprehension-required attributes (0x0000-0x7FFF) of the message that are not in `known`; a
 * request with any is answered with error 420 (RFC 8489 §6.3.1).
 */
export function unknownRequiredAttributes(
  message: StunMessage,
  known: ReadonlySet<number>,
): number[] {
  const unknown: number[] = [];
  for (const { type } of message.attributes) {
    if (type < 0x8000 && !known.has(type) && !unknown.includes(type)) unknown.push(type);
  }
  return unknown;
}

/**
 * USERNAME of a datagram without parsing the rest, to find out whom a first packet is for. Only
 * printable ASCII, as ICE uses it; undefined when there is none or this is not STUN.
 */
export function stunUsername(bytes: Uint8Array): string | undefined {
  if (!isStun(bytes)) return undefined;
  for (let at = STUN_HEADER_BYTES, count = 0; at + 4 <= bytes.length; count++) {
    if (count === MAX_STUN_ATTRIBUTES) return undefined;
    const length = uint16(bytes, at + 2);
    if (uint16(bytes, at) === ATTRIBUTE_USERNAME) return printableAscii(bytes, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
  return undefined;
}

/** The longest USERNAME of ICE: two fragments of 256 characters and a colon (RFC 8445 §7.2.2). */
const MAX_ICE_USERNAME = 513;

function printableAscii(bytes: Uint8Array, offset: number, length: number): string | undefined {
  if (length > MAX_ICE_USERNAME || offset + length > bytes.length) return undefined;
  let text = '';
  for (let i = offset; i < offset + length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
