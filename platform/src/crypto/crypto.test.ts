import { describe, expect, test } from 'vitest';
import { hmacSha1, sha256Hex, systemRandom } from './index.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('digests', () => {
  test('HMAC-SHA1 gives the vectors of RFC 2202 §3', () => {
    expect(hex(hmacSha1(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(
      'b617318655057264e28bc0b6fb378c8ef146be00',
    );
    expect(hex(hmacSha1(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    );
  });

  test('SHA-256 gives the vectors of FIPS 180-2', () => {
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('systemRandom', () => {
  test.each([0, 1, 16, 4096])('gives %i new bytes', (length) => {
    expect(systemRandom.bytes(length)).toHaveLength(length);
  });

  test('does not repeat itself', () => {
    expect(hex(systemRandom.bytes(16))).not.toBe(hex(systemRandom.bytes(16)));
  });
});
