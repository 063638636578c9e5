/** Attributes whose value is UTF-8 text of limited length: USERNAME, SOFTWARE, REALM, NONCE. */
import type { StunAttribute } from '../attribute.ts';

/** A codec for text of at most `maxBytes` bytes of UTF-8. Writing longer text is a bug and throws RangeError. */
export function textAttribute(type: number, name: string, maxBytes: number): StunAttribute<string> {
  return {
    type,
    name,
    read(value) {
      if (value.length > maxBytes) return undefined;
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
      } catch {
        return undefined;
      }
    },
    write(value) {
      const bytes = new TextEncoder().encode(value);
      if (bytes.length > maxBytes) throw new RangeError(`${name} longer than ${maxBytes} bytes`);
      return bytes;
    },
  };
}
