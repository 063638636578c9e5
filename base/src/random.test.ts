import { describe, expect, test } from 'vitest';
import { type RandomSource, randomHex, randomToken, randomUint32, randomUuid } from './random.ts';

/** Hands out the given bytes, round and round. */
function cycling(...values: number[]): RandomSource {
  let at = 0;
  return {
    bytes: (length) => Uint8Array.from({ length }, () => values[at++ % values.length] as number),
  };
}

describe('random identifiers', () => {
  test('a token has the asked length and alphabet', () => {
    expect(randomToken(cycling(0, 61, 62, 247), 6)).toBe('0z0z0z');
  });

  test('a token skips bytes that would favour a character', () => {
    expect(randomToken(cycling(248, 255, 1), 4)).toBe('1111');
  });

  test.each([0, 1, 7, 8])('hex of length %i', (length) => {
    expect(randomHex(cycling(0xab, 0x01), length)).toBe('ab01ab01'.slice(0, length));
  });

  test('an unsigned 32-bit integer, also with the sign bit', () => {
    expect(randomUint32(cycling(255))).toBe(0xffff_ffff);
    expect(randomUint32(cycling(0x80, 0, 0, 1))).toBe(0x8000_0001);
  });

  test('a UUID says version 4 and variant 10 whatever the bytes (RFC 9562 §5.4)', () => {
    expect(randomUuid(cycling(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(randomUuid(cycling(0))).toBe('00000000-0000-4000-8000-000000000000');
  });
});
