/** From a password to what is kept of it: the keys of SCRAM (RFC 5802 §3), never the password. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ScramHashes, ScramKeys, ScramMechanism } from '../core/scram-exchange.ts';
import type { DerivationRequest } from './derivations.ts';

interface Cost {
  readonly digest: 'sha1' | 'sha256';
  readonly length: number;
  readonly iterations: number;
}

/** Iterations as OWASP recommends them (password storage cheat sheet, 2023). */
export const COSTS: Readonly<Record<ScramMechanism, Cost>> = {
  'SCRAM-SHA-256': { digest: 'sha256', length: 32, iterations: 600_000 },
  'SCRAM-SHA-1': { digest: 'sha1', length: 20, iterations: 1_300_000 },
};

export const SALT_BYTES = 16;

export function newSalt(): Uint8Array {
  return new Uint8Array(randomBytes(SALT_BYTES));
}

export function derivationOf(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): DerivationRequest {
  const { digest, length } = COSTS[mechanism];
  return { digest, length, password: normalisePassword(password), salt, iterations };
}

/** Of a derived key, what the server keeps. */
export function scramKeysFrom(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): ScramKeys {
  const { hmac, hash } = hashesOf(mechanism);
  return {
    salt,
    iterations,
    storedKey: hash(hmac(saltedPassword, 'Client Key')),
    serverKey: hmac(saltedPassword, 'Server Key'),
  };
}

export function hashesOf(mechanism: ScramMechanism): ScramHashes {
  const { digest } = COSTS[mechanism];
  return {
    hmac: (key, text) => new Uint8Array(createHmac(digest, key).update(text, 'utf8').digest()),
    hash: (bytes) => new Uint8Array(createHash(digest).update(bytes).digest()),
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
    fromBase64: (text) => new Uint8Array(Buffer.from(text, 'base64')),
    toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
  };
}

/** What SASLprep does to the letters that people can type (RFC 4013 §2.2). */
function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}
