/** ICE-CONTROLLED and ICE-CONTROLLING (RFC 8445 §7.1.3): the sender's role with its 64-bit tie-breaker. */
import type { StunAttribute } from '../attribute.ts';

const TIE_BREAKER_BYTES = 8;

export const IceControlled: StunAttribute<Uint8Array> = tieBreaker(0x8029, 'ICE-CONTROLLED');
export const IceControlling: StunAttribute<Uint8Array> = tieBreaker(0x802a, 'ICE-CONTROLLING');

function tieBreaker(type: number, name: string): StunAttribute<Uint8Array> {
  return {
    type,
    name,
    read: (value) => (value.length === TIE_BREAKER_BYTES ? Uint8Array.from(value) : undefined),
    write(value) {
      if (value.length !== TIE_BREAKER_BYTES) throw new RangeError(`${name} needs 8 bytes`);
      return value;
    },
  };
}
