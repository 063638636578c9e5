/**
 * The form of an attribute codec (RFC 8489 §14). Each attribute is one small file in `attributes/`:
 * a protocol that adds some (TURN, RFC 8656 §18) adds files, nothing here changes.
 */

export interface StunAttribute<T> {
  /** 16 bits; below 0x8000 comprehension is required. */
  readonly type: number;
  /** For messages to people: `XOR-MAPPED-ADDRESS`. */
  readonly name: string;
  /** The value, or undefined when it is malformed. `value` is borrowed; the result holds copies. Never throws. */
  read(value: Uint8Array, transactionId: Uint8Array): T | undefined;
  /** The bytes of the value, without padding. */
  write(value: T, transactionId: Uint8Array): Uint8Array;
}
