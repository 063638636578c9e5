import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashesOf, scramKeysFrom } from '../shell/password-keys.ts';
import { ScramExchange, type ScramMechanism } from './scram-exchange.ts';
import { parseClientFinal, parseClientFirst } from './scram-messages.ts';

/** The examples of RFC 5802 §5 and RFC 7677 §3, byte for byte. */
const EXAMPLES = [
  {
    mechanism: 'SCRAM-SHA-1',
    digest: 'sha1',
    length: 20,
    salt: 'QSXCR+Q6sek8bf92',
    first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    nonce: '3rfcNHYJY1ZVvWVs7j',
    final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    mechanism: 'SCRAM-SHA-256',
    digest: 'sha256',
    length: 32,
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    final:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;

function exchange(example: (typeof EXAMPLES)[number]): ScramExchange {
  const mechanism: ScramMechanism = example.mechanism;
  const salt = Uint8Array.from(Buffer.from(example.salt, 'base64'));
  const salted = pbkdf2Sync('pencil', salt, 4096, example.length, example.digest);
  const keys = scramKeysFrom(mechanism, Uint8Array.from(salted), salt, 4096);
  const first = parseClientFirst(example.first);
  if (first === undefined) throw new Error('not understood');
  return new ScramExchange(hashesOf(mechanism), first, keys, example.nonce);
}

describe.each(EXAMPLES)('$mechanism', (example) => {
  test('proves both to each other', () => {
    const server = exchange(example);
    expect(server.challenge).toMatch(/^r=.+,s=.+,i=4096$/);
    expect(server.finish(example.final)).toEqual({ type: 'proven', signature: example.signature });
  });

  test.each([
    ['another proof', example.final.replace(/p=../, 'p=AA'), 'wrong'],
    ['another nonce', example.final.replace(',r=', ',r=x'), 'malformed'],
    ['another header', example.final.replace('biws', 'eSws'), 'malformed'],
    ['a short proof', example.final.replace(/p=.*/, 'p=AAAA'), 'malformed'],
    ['no proof', example.final.replace(/,p=.*/, ''), 'malformed'],
    ['nothing', '', 'malformed'],
  ])('%s is refused', (_, final, type) => {
    expect(exchange(example).finish(final)).toEqual({ type });
  });
});

test.each([
  'p=tls-unique,,n=user,r=abc',
  'n,,n=user',
  'n,,n=user,r=',
  'n,,n=,r=abc',
  'n,,n=us=er,r=abc',
  'n,,m=x,n=user,r=abc',
  'x,,n=user,r=abc',
  `n,,n=user,r=${'a'.repeat(300)}`,
])('%s is no first message', (text) => {
  expect(parseClientFirst(text)).toBeUndefined();
});

test('names are unescaped, and who to act as is read', () => {
  expect(parseClientFirst('y,a=b=3Dc,n=a=2Cb,r=abc')).toMatchObject({
    user: 'a,b',
    actAs: 'b=c',
    gs2Header: 'y,a=b=3Dc,',
  });
  expect(parseClientFinal('c=biws,r=abc,x=1,p=AAAA')?.withoutProof).toBe('c=biws,r=abc,x=1');
});
