/**
 * The server's side of SCRAM (RFC 5802 §3, RFC 7677) over keys that were derived when the password was
 * set. The arithmetic of hashes is injected; nothing here is kept when the log-in is over.
 */
import { type ClientFirst, parseClientFinal, serverFirst } from './scram-messages.ts';

export type ScramMechanism = 'SCRAM-SHA-1' | 'SCRAM-SHA-256';

export interface ScramKeys {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface ScramHashes {
  hmac(key: Uint8Array, text: string): Uint8Array;
  hash(bytes: Uint8Array): Uint8Array;
  /** In constant time; false for different lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  fromBase64(text: string): Uint8Array;
  toBase64(bytes: Uint8Array): string;
}

export type ScramOutcome =
  | { readonly type: 'proven'; readonly signature: string }
  | { readonly type: 'wrong' }
  | { readonly type: 'malformed' };

export class ScramExchange {
  readonly #hashes: ScramHashes;
  readonly #first: ClientFirst;
  readonly #keys: ScramKeys;
  readonly #nonce: string;
  /** What the server says first. */
  readonly challenge: string;

  constructor(hashes: ScramHashes, first: ClientFirst, keys: ScramKeys, serverNonce: string) {
    this.#hashes = hashes;
    this.#first = first;
    this.#keys = keys;
    this.#nonce = first.nonce + serverNonce;
    this.challenge = serverFirst(this.#nonce, hashes.toBase64(keys.salt), keys.iterations);
  }

  /** Does the same work whether the proof is right or not. */
  finish(text: string): ScramOutcome {
    const { hmac, hash, equal, fromBase64, toBase64 } = this.#hashes;
    const final = parseClientFinal(text);
    if (final === undefined || final.nonce !== this.#nonce) return { type: 'malformed' };
    const header = toBase64(new TextEncoder().encode(this.#first.gs2Header));
    if (final.channelBinding !== header) return { type: 'malformed' };
    const signed = `${this.#first.bare},${this.challenge},${final.withoutProof}`;
    const signature = hmac(this.#keys.storedKey, signed);
    const proof = fromBase64(final.proof);
    if (proof.length !== signature.length) return { type: 'malformed' };
    const clientKey = proof.map((byte, i) => byte ^ (signature[i] ?? 0));
    if (!equal(hash(clientKey), this.#keys.storedKey)) return { type: 'wrong' };
    return { type: 'proven', signature: `v=${toBase64(hmac(this.#keys.serverKey, signed))}` };
  }
}
