/** PRIORITY (RFC 8445 §7.1.1): what a peer-reflexive candidate learnt from this check would have; 1..2^31-1. */
import type { StunAttribute } from '../attribute.ts';

export const Priority: StunAttribute<number> = {
  type: 0x0024,
  name: 'PRIORITY',
  read(value) {
    if (value.length !== 4) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = value;
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  },
  write: (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value),
};
