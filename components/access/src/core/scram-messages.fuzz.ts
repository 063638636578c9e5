import { textCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseAccountName } from './account-name.ts';
import { parseClientFinal, parseClientFirst } from './scram-messages.ts';

const RUNS = 50_000;
const examples = textCorpus(import.meta.url).map((text): [string] => [text]);
const PIECES = [
  'n,',
  'y,',
  'p=',
  ',',
  '=',
  'a=',
  'n=user',
  'r=abc',
  'c=biws',
  'p=AAAA',
  '=2C',
  'x',
];
const messages = fc.oneof(
  fc.string({ maxLength: 64 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
);

test('what is read of a first message is what stands in it', () => {
  fc.assert(
    fc.property(messages, (text) => {
      const first = parseClientFirst(text);
      if (first === undefined) return;
      expect(first.gs2Header + first.bare).toBe(text);
      expect(first.nonce).not.toMatch(/[,\s]/);
    }),
    { numRuns: RUNS, examples },
  );
});

test('and of a final one', () => {
  fc.assert(
    fc.property(messages, (text) => {
      const final = parseClientFinal(text);
      if (final !== undefined) expect(`${final.withoutProof},p=${final.proof}`).toBe(text);
    }),
    { numRuns: RUNS, examples },
  );
});

test('the normal form of a name is its own normal form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (text) => {
      const name = normaliseAccountName(text);
      if (name === undefined) return;
      expect(normaliseAccountName(name)).toBe(name);
      expect(name).not.toMatch(/[\s"&'/:<>@]/);
    }),
    { numRuns: RUNS, examples },
  );
});
