/**
 * What key servers hold: documents good, bad and mutated. A search for a key ends with a public key fit for signatures or with a reason,
 * and a token is accepted only when its signature is that key's.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ManualClock, SeededRandom, textCorpus } from '@conclave/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { PublicKeys } from './public-keys.ts';
import {
  ec,
  ecSign,
  ed,
  edSign,
  forge,
  good,
  NOW_S,
  rsa,
  rsaSign,
  rules,
} from './testing/forge-token.ts';
import { TokenVerifier } from './token-verifier.ts';

const DOCUMENTS = 100_000;
const KEY_SET = 'https://keys.example.org/jwks.json';
const KEY_SERVER = 'https://keys.example.org/asap';
const PIECES = ['"', '{', '}', '[', ']', ',', ':', 'null', '-', '=', '\n', '\u0000', 'é', 'A', '/'];

interface Document {
  readonly kind: 'set' | 'pem';
  readonly status: number;
  readonly body: string;
}

const members = (key: KeyObject) => JSON.stringify(key.export({ format: 'jwk' })).slice(1, -1);
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const FILLERS: readonly (readonly [name: string, value: string])[] = [
  ['RSA_PRIVATE_JWK', members(rsa.privateKey)],
  ['RSA_PRIVATE_PEM', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['RSA_JWK', members(rsa.publicKey)],
  ['EC_JWK', members(ec.publicKey)],
  ['ED_JWK', members(ed.publicKey)],
  ['RSA_PEM', pem(rsa.publicKey)],
  ['EC_PEM', pem(ec.publicKey)],
  ['ED_PEM', pem(ed.publicKey)],
  ['X25519_PEM', pem(generateKeyPairSync('x25519').publicKey)],
  ['ED448_PEM', pem(generateKeyPairSync('ed448').publicKey)],
  ['HUGE', 'x'.repeat(3_000)],
];

const CORPUS = textCorpus(import.meta.url).map((line): Document => {
  const [, kind, status, body = ''] = /^(set|pem) (\d+) ?(.*)$/s.exec(line) ?? [];
  if (kind !== 'set' && kind !== 'pem') throw new Error(`not understood: ${line}`);
  // Inside JSON the lines of a PEM are escaped.
  const text = (value: string) => (kind === 'set' ? value.replaceAll('\n', '\\n') : value);
  const filled = FILLERS.reduce((all, [name, value]) => all.replaceAll(name, text(value)), body);
  return { kind, status: Number(status), body: filled };
});

/** Whose tokens could be accepted. */
const TOKENS = [
  forge({ alg: 'RS256', typ: 'JWT', kid: 'k' }, good, rsaSign(rsa.privateKey)),
  forge({ alg: 'ES256', typ: 'JWT', kid: 'k' }, good, ecSign),
  forge({ alg: 'EdDSA', typ: 'JWT', kid: 'k' }, good, edSign),
];
const KEYS_OF_TOKENS = [rsa.publicKey, ec.publicKey, ed.publicKey];

afterEach(() => vi.unstubAllGlobals());

/** As much of a response as is read: a real one takes longer to make. */
function responseOf(status: number, text: string): Partial<Response> {
  const chunks = [new TextEncoder().encode(text)];
  const body = { [Symbol.iterator]: () => chunks.values(), cancel: async () => {} };
  return { status, headers: new Headers(), body: body as unknown as ReadableStream };
}

async function ask({ kind, status, body }: Document, tokenIndex: number): Promise<string> {
  vi.stubGlobal('fetch', async (url: string) => {
    expect(url.startsWith(kind === 'set' ? KEY_SET : KEY_SERVER)).toBe(true);
    return responseOf(status, body);
  });
  const keys = new PublicKeys(new ManualClock(), {
    keySet: kind === 'set' ? KEY_SET : undefined,
    keyServer: kind === 'pem' ? KEY_SERVER : undefined,
    timeoutMs: 1_000,
  });
  const answer = await keys.find('k');
  const clock = { nowMs: () => 0, wallMs: () => NOW_S * 1000 };
  const { failure } = await new TokenVerifier(clock, rules, [], keys).verify(TOKENS[tokenIndex]!);
  if (answer.type !== 'key') {
    expect(answer.reason.length).toBeLessThan(200);
    expect(failure).toBeDefined();
    return answer.type;
  }
  expect(status).toBe(200);
  expect(answer.key.type).toBe('public');
  expect(body).not.toContain('-----BEGIN PRIVATE KEY-----');
  const isThatKey = answer.key.equals(KEYS_OF_TOKENS[tokenIndex]!);
  if (failure === undefined) expect(isThatKey).toBe(true);
  return failure === undefined ? 'accepted' : 'refused';
}

async function askAll(documents: Iterable<[Document, number]>): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  for (const [document, tokenIndex] of documents) {
    const end = await ask(document, tokenIndex);
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}

test('the corpus', async () => {
  const ends = await askAll(CORPUS.map((document) => [document, 0]));
  expect(ends).toEqual({ accepted: 5, refused: 14, absent: 33, unavailable: 2 });
});

test(`${DOCUMENTS} documents, most of them mutated`, async () => {
  const random = new SeededRandom(20_261_121);
  function* mutants(): Generator<[Document, number]> {
    for (let i = 0; i < DOCUMENTS; i++) yield mutate();
  }
  const mutate = (): [Document, number] => {
    const { kind, status, body } = CORPUS[random.integer(0, CORPUS.length - 1)]!;
    let text = body;
    for (let edits = random.integer(0, 3); edits > 0; edits--) {
      const at = random.integer(0, text.length);
      const piece = PIECES[random.integer(0, PIECES.length - 1)] ?? '';
      text = text.slice(0, at) + piece + text.slice(at + random.integer(0, 6));
    }
    return [{ kind, status, body: text }, random.integer(0, TOKENS.length - 1)];
  };
  const ends = await askAll(mutants());
  expect(ends.accepted).toBeGreaterThan(DOCUMENTS / 100);
  expect(ends.refused).toBeGreaterThan(DOCUMENTS / 20);
});
