/** USE-CANDIDATE (RFC 8445 §7.1.2): a flag; the value is empty. */
import type { StunAttribute } from '../attribute.ts';

export const UseCandidate: StunAttribute<true> = {
  type: 0x0025,
  name: 'USE-CANDIDATE',
  read: (value) => (value.length === 0 ? true : undefined),
  write: () => new Uint8Array(0),
};
