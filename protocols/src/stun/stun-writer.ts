/** Puts a STUN message together (RFC 8489 §5): attributes in order, then MESSAGE-INTEGRITY, then FINGERPRINT. */
import type { StunAttribute } from './attribute.ts';
import type { StunCrypto } from './crypto.ts';
import { fingerprintOf, INTEGRITY_BYTES, integrityOf, setLength } from './integrity.ts';
import {
  ATTRIBUTE_FINGERPRINT,
  ATTRIBUTE_MESSAGE_INTEGRITY,
  STUN_CLASSES,
  STUN_HEADER_BYTES,
  type StunClass,
  TRANSACTION_ID_BYTES,
} from './stun-message.ts';

/** Fits one datagram on every path (RFC 8489 §6.1 asks for the path MTU or 576/1280 bytes; ours are far below). */
const MAX_MESSAGE_BYTES = 1200;

/** One message; `finish` once. Writing what does not fit is a bug of the caller and throws RangeError. */
export class StunWriter {
  readonly #bytes = new Uint8Array(MAX_MESSAGE_BYTES);
  readonly #transactionId: Uint8Array;
  #length = STUN_HEADER_BYTES;

  /** `transactionId` has 12 bytes, copied; `method` is `STUN_BINDING` or another 12-bit method. */
  constructor(messageClass: StunClass, method: number, transactionId: Uint8Array) {
    if (transactionId.length !== TRANSACTION_ID_BYTES) throw new RangeError('transaction id');
    const classBits = STUN_CLASSES.indexOf(messageClass);
    const type =
      (method & 0xf) |
      ((method & 0x70) << 1) |
      ((method & 0xf80) << 2) |
      ((classBits & 1) << 4) |
      ((classBits & 2) << 7);
    this.#bytes.set([type >>> 8, type & 0xff, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
    this.#bytes.set(transactionId, 8);
    this.#transactionId = this.#bytes.subarray(8, STUN_HEADER_BYTES);
  }

  /** Appends an attribute. */
  add<T>(attribute: StunAttribute<T>, value: T): this {
    this.#append(attribute.type, attribute.write(value, this.#transactionId));
    return this;
  }

  /** The message; with `key` it is signed. It always ends in a FINGERPRINT. */
  finish(integrity?: { readonly key: Uint8Array; readonly crypto: StunCrypto }): Uint8Array {
    if (integrity !== undefined) {
      const { key, crypto } = integrity;
      this.#append(
        ATTRIBUTE_MESSAGE_INTEGRITY,
        integrityOf(this.#bytes, this.#length, key, crypto).subarray(0, INTEGRITY_BYTES),
      );
    }
    setLength(this.#bytes, this.#length + 8 - STUN_HEADER_BYTES);
    const crc = fingerprintOf(this.#bytes, this.#length);
    this.#append(ATTRIBUTE_FINGERPRINT, Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc));
    return this.#bytes.slice(0, this.#length);
  }

  #append(type: number, value: Uint8Array): void {
    const end = this.#length + 4 + ((value.length + 3) & ~3);
    if (end > MAX_MESSAGE_BYTES) throw new RangeError('STUN message too long');
    this.#bytes[this.#length] = type >>> 8;
    this.#bytes[this.#length + 1] = type & 0xff;
    this.#bytes[this.#length + 2] = value.length >>> 8;
    this.#bytes[this.#length + 3] = value.length & 0xff;
    this.#bytes.set(value, this.#length + 4);
    this.#length = end;
  }
}
