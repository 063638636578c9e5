/** ERROR-CODE (RFC 8489 §14.8): three zero bytes less five bits, class 3..6, number 0..99, reason phrase. */
import type { StunAttribute } from '../attribute.ts';

export interface StunError {
  /** 300..699 */
  readonly code: number;
  /** For people; at most 763 bytes of UTF-8. */
  readonly reason: string;
}

/** Codes ICE and STUN use, with their phrases (RFC 8489 §14.8, RFC 8445 §7.1). */
export const STUN_ERRORS = {
  badRequest: { code: 400, reason: 'Bad Request' },
  unauthenticated: { code: 401, reason: 'Unauthenticated' },
  unknownAttribute: { code: 420, reason: 'Unknown Attribute' },
  roleConflict: { code: 487, reason: 'Role Conflict' },
  serverError: { code: 500, reason: 'Server Error' },
} as const satisfies Record<string, StunError>;

export const ErrorCode: StunAttribute<StunError> = {
  type: 0x0009,
  name: 'ERROR-CODE',
  read(value) {
    const hundreds = (value[2] ?? 0) & 0x7;
    const number = value[3] ?? 0;
    if (value.length < 4 || value.length > 767 || hundreds < 3 || hundreds > 6 || number > 99) {
      return undefined;
    }
    // A broken phrase does not matter: it is for people.
    return { code: hundreds * 100 + number, reason: new TextDecoder().decode(value.subarray(4)) };
  },
  write({ code, reason }) {
    const phrase = new TextEncoder().encode(reason);
    const value = new Uint8Array(4 + phrase.length);
    value[2] = Math.floor(code / 100);
    value[3] = code % 100;
    value.set(phrase, 4);
    return value;
  },
};
