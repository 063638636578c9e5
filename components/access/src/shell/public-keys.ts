/**
 * Public keys by `kid`, from a server with one PEM file each (`<base>/<sha256 of kid>.pem`) or from
 * one JSON document (JWKS, RFC 7517 §5, or a map of kid to certificate). Cached; a flood of unknown
 * names costs the key server little and pushes no key out of the cache.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type Clock, TokenBucket } from '@conclave/base';
import { asObject } from '../core/decode-token.ts';
import { type FetchedDocument, fetchDocument } from './fetch-document.ts';

export interface PublicKeyOptions {
  /** JWT_ASAP_KEYSERVER; undefined for none. */
  readonly keyServer: string | undefined;
  /** JWT_JWKS_URL; undefined for none. */
  readonly keySet: string | undefined;
  readonly timeoutMs: number;
}

export type KeyAnswer =
  | { readonly type: 'key'; readonly key: KeyObject }
  | { readonly type: 'absent'; readonly reason: string }
  /** Not known now; another try may help. */
  | { readonly type: 'unavailable'; readonly reason: string };

interface Cached {
  readonly answer: KeyAnswer;
  readonly untilMs: number;
}

const MAX_KEYS = 128;
const MAX_ABSENT = 1024;
const MAX_BYTES = 262_144;
const DEFAULT_AGE_MS = 6 * 3_600_000;
const MIN_AGE_MS = 60_000;
const ABSENT_AGE_MS = 30_000;
const UNAVAILABLE_AGE_MS = 2_000;
/** A document is not fetched again sooner, whatever names are asked for. */
const KEY_SET_PAUSE_MS = 10_000;
const MAX_FETCHES = 8;

export class PublicKeys {
  readonly #clock: Clock;
  readonly #options: PublicKeyOptions;
  readonly #keys = new Map<string, Cached>();
  readonly #absent = new Map<string, Cached>();
  readonly #pending = new Map<string, Promise<KeyAnswer>>();
  readonly #fetches: TokenBucket;
  #keySet: Promise<FetchedDocument> | undefined;
  #keySetAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, options: PublicKeyOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#fetches = new TokenBucket(4, 32, clock.nowMs());
  }

  get isConfigured(): boolean {
    return this.#options.keyServer !== undefined || this.#options.keySet !== undefined;
  }

  async find(kid: string): Promise<KeyAnswer> {
    const nowMs = this.#clock.nowMs();
    const cached = this.#keys.get(kid) ?? this.#absent.get(kid);
    if (cached !== undefined && cached.untilMs > nowMs) return cached.answer;
    const pending = this.#pending.get(kid);
    if (pending !== undefined) return pending;
    if (this.#pending.size >= MAX_FETCHES || !this.#fetches.tryTake(1, nowMs)) {
      return { type: 'unavailable', reason: 'too many unknown keys are asked for' };
    }
    const search = this.#fetch(kid).finally(() => this.#pending.delete(kid));
    this.#pending.set(kid, search);
    return search;
  }

  /** What is wrong with each place for keys, by the setting that names it; undefined when it answers. */
  async probe(): Promise<[setting: string, problem: string | undefined][]> {
    const { keySet, keyServer, timeoutMs } = this.#options;
    const limits = { timeoutMs, maxBytes: MAX_BYTES };
    const results: [string, string | undefined][] = [];
    if (keySet !== undefined) {
      results.push(['JWT_JWKS_URL', keySetProblem(await fetchDocument(keySet, limits))]);
    }
    if (keyServer !== undefined) {
      // It lists nothing, so that there is no such key is a good answer.
      const url = `${keyServer.replace(/\/+$/, '')}/${'0'.repeat(64)}.pem`;
      const document = await fetchDocument(url, limits);
      const problem = document.type === 'error' ? document.reason : undefined;
      results.push(['JWT_ASAP_KEYSERVER', problem]);
    }
    return results;
  }

  async #fetch(kid: string): Promise<KeyAnswer> {
    const { keySet, keyServer, timeoutMs } = this.#options;
    let found: { answer: KeyAnswer; maxAgeS: number | undefined } | undefined;
    if (keySet !== undefined) {
      found = readAnswer(await this.#fetchKeySet(keySet), (text) => keyFromSet(text, kid));
    }
    if (found?.answer.type !== 'key' && keyServer !== undefined) {
      const name = createHash('sha256').update(kid).digest('hex');
      const url = `${keyServer.replace(/\/+$/, '')}/${name}.pem`;
      const limits = { timeoutMs, maxBytes: MAX_BYTES };
      found = readAnswer(await fetchDocument(url, limits), keyFromPem);
    }
    const { answer, maxAgeS } = found ?? { answer: NO_SOURCE, maxAgeS: undefined };
    this.#remember(kid, answer, maxAgeS);
    return answer;
  }

  /** One document for all names: those that ask within a while share a transfer. */
  #fetchKeySet(url: string): Promise<FetchedDocument> {
    const nowMs = this.#clock.nowMs();
    if (this.#keySet === undefined || nowMs - this.#keySetAtMs >= KEY_SET_PAUSE_MS) {
      const { timeoutMs } = this.#options;
      this.#keySetAtMs = nowMs;
      this.#keySet = fetchDocument(url, { timeoutMs, maxBytes: MAX_BYTES });
    }
    return this.#keySet;
  }

  #remember(kid: string, answer: KeyAnswer, maxAgeS: number | undefined): void {
    const isKey = answer.type === 'key';
    const ageMs = isKey
      ? Math.min(DEFAULT_AGE_MS, Math.max(MIN_AGE_MS, (maxAgeS ?? Number.POSITIVE_INFINITY) * 1000))
      : answer.type === 'absent'
        ? ABSENT_AGE_MS
        : UNAVAILABLE_AGE_MS;
    const cache = isKey ? this.#keys : this.#absent;
    this.#keys.delete(kid);
    this.#absent.delete(kid);
    cache.set(kid, { answer, untilMs: this.#clock.nowMs() + ageMs });
    const oldest = cache.keys().next().value;
    if (cache.size > (isKey ? MAX_KEYS : MAX_ABSENT) && oldest !== undefined) cache.delete(oldest);
  }
}

function keySetProblem(document: FetchedDocument): string | undefined {
  if (document.type === 'error') return document.reason;
  if (document.type === 'absent') return 'there is no such document';
  try {
    const keys = asObject(JSON.parse(document.text));
    if (keys === undefined) return 'the document is not a JWKS';
    const count = Array.isArray(keys.keys) ? keys.keys.length : Object.keys(keys).length;
    return count === 0 ? 'the document holds no keys' : undefined;
  } catch {
    return 'the document is not JSON';
  }
}

const NO_SOURCE: KeyAnswer = { type: 'absent', reason: 'no key server is set' };

function readAnswer(
  document: FetchedDocument,
  read: (text: string) => KeyObject | undefined,
): { answer: KeyAnswer; maxAgeS: number | undefined } {
  if (document.type === 'error') {
    return {
      answer: { type: 'unavailable', reason: document.reason },
      maxAgeS: undefined,
    };
  }
  const key = document.type === 'document' ? read(document.text) : undefined;
  if (key === undefined) {
    return {
      answer: { type: 'absent', reason: 'the key server has no such key' },
      maxAgeS: undefined,
    };
  }
  const maxAgeS = document.type === 'document' ? document.maxAgeS : undefined;
  return { answer: { type: 'key', key }, maxAgeS };
}

/** A public key or a certificate; never a private one, which has no place on a key server. */
function keyFromPem(text: string): KeyObject | undefined {
  if (!/-----BEGIN (?:CERTIFICATE|(?:RSA )?PUBLIC KEY)-----/.test(text)) return undefined;
  // `createPublicKey` makes a public key of it too.
  if (text.includes('PRIVATE KEY-----')) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    return undefined;
  }
}

function keyFromSet(text: string, kid: string): KeyObject | undefined {
  try {
    const document = asObject(JSON.parse(text));
    if (document === undefined) return undefined;
    if (!Array.isArray(document.keys)) {
      const pem = Object.hasOwn(document, kid) ? document[kid] : undefined;
      return typeof pem === 'string' ? keyFromPem(pem) : undefined;
    }
    const key = document.keys.find((entry: unknown) => asObject(entry)?.kid === kid);
    if (key === undefined || (key.use !== undefined && key.use !== 'sig')) return undefined;
    if (key.d !== undefined) return undefined;
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}
