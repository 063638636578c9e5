/** Fingerprints that somebody else's client signals: never an exception, and what C is given always fits together. */
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { parseFingerprints } from './fingerprint.ts';

const ROUNDS = 100_000;
const MAX_FINGERPRINTS = 8;
const DIGEST_BYTES = new Map([
  [1, 20],
  [256, 32],
  [384, 48],
  [512, 64],
]);
const HASHES = ['sha-1', 'SHA-256', 'sha-384', 'sha-512', 'md5', '__proto__', 'constructor', ''];

/** xorshift32: the same inputs in every run. */
let state = 0x5eed;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function digest(): string {
  const bytes = [20, 32, 48, 64, random(80)][random(5)]!;
  const pairs = Array.from({ length: bytes }, () => random(256).toString(16).padStart(2, '0'));
  const text = pairs.join(random(8) === 0 ? '' : ':');
  if (random(3) > 0 || text === '') return text;
  const at = random(text.length);
  return `${text.slice(0, at)}${String.fromCharCode(random(0x3000))}${text.slice(at + random(2))}`;
}

/** How many were accepted. */
function check(fingerprints: Parameters<typeof parseFingerprints>[0]): number {
  const { hashes, digests } = parseFingerprints(fingerprints);
  if (hashes.length > MAX_FINGERPRINTS) throw new Error(`${hashes.length} fingerprints`);
  const bytes = hashes.reduce((sum, hash) => sum + (DIGEST_BYTES.get(hash) ?? Number.NaN), 0);
  if (bytes !== digests.length) throw new Error(`${digests.length} bytes for ${hashes.join()}`);
  return hashes.length;
}

test('the corpus', () => {
  const accepted = textCorpus(import.meta.url).map((line) => check(JSON.parse(line)));
  expect(accepted.filter((count) => count > 0).length).toBeGreaterThan(2);
});

test('random and mutated fingerprints', () => {
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const fingerprints = Array.from({ length: random(12) }, () => ({
      hash: HASHES[random(HASHES.length)]!,
      value: digest(),
    }));
    accepted += check(fingerprints);
  }
  expect(accepted).toBeGreaterThan(ROUNDS / 10);
});
