/** Random and mutated datagrams: the parser never throws, and what it accepts can be read and verified without throwing. */
import { createHmac } from 'node:crypto';
import { byteCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ErrorCode,
  IceControlled,
  IceControlling,
  MAX_STUN_ATTRIBUTES,
  Priority,
  parseStunMessage,
  readStunAttribute,
  Software,
  type StunAttribute,
  shortTermKey,
  stunUsername,
  UnknownAttributes,
  UseCandidate,
  Username,
  unknownRequiredAttributes,
  verifyFingerprint,
  verifyIntegrity,
  XorMappedAddress,
} from './index.ts';

const ATTRIBUTES: readonly StunAttribute<unknown>[] = [
  ErrorCode as StunAttribute<unknown>,
  IceControlled as StunAttribute<unknown>,
  IceControlling as StunAttribute<unknown>,
  Priority as StunAttribute<unknown>,
  Software as StunAttribute<unknown>,
  UnknownAttributes as StunAttribute<unknown>,
  UseCandidate as StunAttribute<unknown>,
  Username as StunAttribute<unknown>,
  XorMappedAddress as StunAttribute<unknown>,
];
const CORPUS = byteCorpus(import.meta.url);
const crypto = {
  hmacSha1: (key: Uint8Array, data: Uint8Array) => createHmac('sha1', key).update(data).digest(),
};
const key = shortTermKey('VOkJxbRl1RmTxUk/WvJxBt');

const mutated = fc
  .tuple(
    fc.constantFrom(...CORPUS),
    fc.array(fc.tuple(fc.nat(140), fc.nat(255)), { maxLength: 6 }),
    fc.integer({ min: -8, max: 8 }),
  )
  .map(([sample, changes, growth]) => {
    const bytes = new Uint8Array(Math.max(0, sample.length + growth * 4));
    bytes.set(sample.subarray(0, bytes.length));
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    // Most mutants would die at the length field: mend it in half of them.
    if (bytes.length >= 20 && changes.length % 2 === 0) bytes[3] = bytes.length - 20;
    return bytes;
  });

test('100000 datagrams', () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
        { weight: 4, arbitrary: mutated },
      ),
      (bytes) => {
        const username = stunUsername(bytes);
        if (username !== undefined) expect(username.length).toBeLessThanOrEqual(513);
        const message = parseStunMessage(bytes);
        if (message === undefined) return;
        accepted++;
        expect(message.attributes.length).toBeLessThanOrEqual(MAX_STUN_ATTRIBUTES);
        for (const { offset, length } of message.attributes) {
          if (offset + length > bytes.length) throw new Error('attribute beyond the message');
        }
        for (const attribute of ATTRIBUTES) readStunAttribute(message, attribute);
        unknownRequiredAttributes(message, new Set());
        verifyFingerprint(message);
        if (accepted % 16 === 0) verifyIntegrity(message, key, crypto);
      },
    ),
    { numRuns: 100_000, seed: 5769, examples: CORPUS.map((bytes) => [bytes]) },
  );
  expect(accepted).toBeGreaterThan(10_000);
});
