import { describe, expect, test } from 'vitest';
import { nextAnswer } from './ldap-answer.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const BIND = '300c 020101 61 07 0a0100 0400 0400';
/** `cn` of `uid=x`: A. */
const ENTRY = '3018 020102 64 13 0405 7569643d78 300a 3008 0402 636e 3102 0400';

describe('nextAnswer', () => {
  test.each([
    ['the answer to a bind', BIND],
    ['an entry', ENTRY],
    ['the end of a search', '300c 020102 65 07 0a0100 0400 0400'],
    ['a reference', '300a 020102 73 05 0403 6c3a2f'],
    ['an answer with a control', '3017 020101 61 07 0a0100 0400 0400 a009 3007 0405 312e322e33'],
    ['a length in four bytes', '30840000000c 020101 61 07 0a0100 0400 0400'],
  ])('knows %s, and what of it is missing', (_what, hex) => {
    const whole = bytes(hex);
    const [head, next] = [whole, bytes('30')];
    expect(nextAnswer(Uint8Array.of(...head, ...next))).toEqual({
      type: 'whole',
      length: head.length,
    });
    for (let length = 0; length < whole.length; length++) {
      expect(nextAnswer(whole.subarray(0, length))).toEqual({ type: 'incomplete' });
    }
  });

  test.each([
    // The client library would read such values for ever.
    ['values that go on beyond the message', ENTRY.replace('3102 0400', '3102 0450')],
    ['an entry whose attributes are cut off', ENTRY.replace('0400', '0484')],
    ['an indefinite length', '3080 0000'],
    ['a length of more bytes than any', '3085 0000000001'],
    ['a message without end', '3083 100000'],
    ['a number of five bytes', '3010 02050000000001 61 07 0a0100 0400 0400'],
    ['a request', '3005 020101 4200'],
    ['something else', '48545450'],
  ])('refuses %s', (_what, hex) => {
    expect(nextAnswer(bytes(hex))).toEqual({ type: 'malformed' });
  });
});
