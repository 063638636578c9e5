/** UNKNOWN-ATTRIBUTES (RFC 8489 §14.13): the types a 420 complains about. */
import type { StunAttribute } from '../attribute.ts';

export const UnknownAttributes: StunAttribute<readonly number[]> = {
  type: 0x000a,
  name: 'UNKNOWN-ATTRIBUTES',
  read(value) {
    if (value.length % 2 !== 0) return undefined;
    const types: number[] = [];
    for (let i = 0; i < value.length; i += 2) {
      types.push(((value[i] ?? 0) << 8) | (value[i + 1] ?? 0));
    }
    return types;
  },
  write: (types) => Uint8Array.from(types.flatMap((type) => [type >>> 8, type & 0xff])),
};
