import { webcrypto } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Scram, type ScramHash } from './scram.ts';

/** The examples of RFC 5802 §5 and RFC 7677 §3; user `user`, password `pencil`. */
const EXAMPLES: readonly {
  readonly hash: ScramHash;
  readonly nonce: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
  readonly serverFinal: string;
}[] = [
  {
    hash: 'SHA-1',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    clientFinal:
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    hash: 'SHA-256',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    serverFirst:
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    clientFinal:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
];

const scram = ({ hash, nonce }: { readonly hash: ScramHash; readonly nonce: string }) =>
  new Scram(webcrypto.subtle as SubtleCrypto, { hash, nonce, user: 'user', password: 'pencil' });

describe.each(EXAMPLES)('SCRAM with $hash', (example) => {
  test('says what the example of the RFC says', async () => {
    const client = scram(example);
    expect(client.clientFirst).toBe(`n,,n=user,r=${example.nonce}`);
    expect(await client.respond(example.serverFirst)).toBe(example.clientFinal);
    expect(client.isGenuine(example.serverFinal)).toBe(true);
  });

  test('believes no server that cannot prove that it knows the account', async () => {
    const client = scram(example);
    expect(client.isGenuine(example.serverFinal)).toBe(false);
    await client.respond(example.serverFirst);
    for (const forged of ['', 'v=', 'v=AAAA', 'e=other-error']) {
      expect(client.isGenuine(forged)).toBe(false);
    }
  });
});

const [, sha256] = EXAMPLES;
test.each([
  ['the nonce of somebody else', 'r=other,s=QSXCR+Q6sek8bf92,i=4096'],
  ['our nonce alone', 'r=rOprNGfwEbeRWgbNEkqO,s=QSXCR+Q6sek8bf92,i=4096'],
  ['a key that is too cheap', 'r=rOprNGfwEbeRWgbNEkqO1,s=QSXCR+Q6sek8bf92,i=4095'],
  ['a key that takes for ever', 'r=rOprNGfwEbeRWgbNEkqO1,s=QSXCR+Q6sek8bf92,i=99999999999'],
  ['no number', 'r=rOprNGfwEbeRWgbNEkqO1,s=QSXCR+Q6sek8bf92,i=x'],
  ['a salt that is not base64', 'r=rOprNGfwEbeRWgbNEkqO1,s=!,i=4096'],
  ['an extension that must be understood', 'm=x,r=rOprNGfwEbeRWgbNEkqO1,s=QSXCR+Q6sek8bf92,i=4096'],
  ['nothing', ''],
])('refuses %s', async (_, challenge) => {
  if (sha256 === undefined) throw new Error('no example');
  await expect(scram(sha256).respond(challenge)).rejects.toThrow();
});

test('a user name cannot smuggle in a field', () => {
  const client = new Scram(webcrypto.subtle as SubtleCrypto, {
    hash: 'SHA-256',
    nonce: 'n',
    user: 'a,b=c',
    password: '',
  });
  expect(client.clientFirst).toBe('n,,n=a=2Cb=3Dc,r=n');
});
