/**
 * Decides on a token (docs: protocol-signaling 5.2). Signatures are the business of `jose`; which key
 * and algorithm it may use is decided here, by what the operator set and never by the token alone.
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '@conclave/base';
import { compactVerify } from 'jose';
import { decodeToken, type JsonObject } from '../core/decode-token.ts';
import {
  checkClaims,
  checkHeader,
  failed,
  SECRET_ALGORITHMS,
  type TokenCheck,
  type TokenFailure,
} from '../core/token-checks.ts';
import type { TokenRules } from '../core/token-rules.ts';
import type { PublicKeys } from './public-keys.ts';

export interface TokenVerdict {
  /** Everything that was looked at, in order; ends with what failed unless `explain` wanted all. */
  readonly checks: readonly TokenCheck[];
  /** Undefined: accepted. */
  readonly failure: TokenFailure | undefined;
  readonly claims: JsonObject;
}

export class TokenVerifier {
  readonly #clock: Clock;
  readonly #rules: TokenRules;
  #secrets: readonly Uint8Array[] = [];
  readonly #keys: PublicKeys;

  /** `secrets` are tried in order: two during rotation. Empty ones are none. */
  constructor(clock: Clock, rules: TokenRules, secrets: readonly string[], keys: PublicKeys) {
    this.#clock = clock;
    this.#rules = rules;
    this.#keys = keys;
    this.setSecrets(secrets);
  }

  /** From now on these count. */
  setSecrets(secrets: readonly string[]): void {
    this.#secrets = secrets.filter((s) => s !== '').map((s) => new TextEncoder().encode(s));
  }

  /** Never throws for what the token holds. */
  async verify(token: string): Promise<TokenVerdict> {
    return verdictOf(await this.#checks(token, false));
  }

  /** The same, going on after a failure; the first failure counts. */
  async explain(token: string): Promise<TokenVerdict> {
    return verdictOf(await this.#checks(token, true));
  }

  async #checks(
    token: string,
    goesOn: boolean,
  ): Promise<{ checks: TokenCheck[]; claims: JsonObject }> {
    const decoded = decodeToken(token);
    if (decoded.type === 'error') {
      const form = { subject: 'form', expected: 'header.claims.signature', got: 'something else' };
      return { checks: [{ ...form, ...failed(decoded.text) }], claims: {} };
    }
    const { header, claims } = decoded;
    const checks = checkHeader(header, {
      hasSecret: this.#secrets.length > 0,
      hasKeyServer: this.#keys.isConfigured,
      algorithm: this.#rules.algorithm,
    });
    const isHeaderGood = checks.every(({ failure }) => failure === undefined);
    if (isHeaderGood) checks.push(await this.#checkSignature(token, header));
    const isSigned = checks.every(({ failure }) => failure === undefined);
    if (isSigned || goesOn) {
      checks.push(...checkClaims(claims, this.#rules, this.#clock.wallMs() / 1000));
    }
    return { checks, claims };
  }

  async #checkSignature(token: string, header: JsonObject): Promise<TokenCheck> {
    const alg = String(header.alg);
    if (SECRET_ALGORITHMS.includes(alg)) {
      const check = { subject: 'signature', expected: 'made with JWT_APP_SECRET' };
      for (const secret of this.#secrets) {
        if (await isSigned(token, secret, alg)) return { ...check, got: 'that' };
      }
      return { ...check, got: 'another', ...failed('Invalid signature') };
    }
    const found = await this.#keys.find(String(header.kid));
    const check = {
      subject: 'signature',
      expected: `made with the key ${String(header.kid).slice(0, 80)}`,
    };
    if (found.type === 'key') {
      return (await isSigned(token, found.key, alg))
        ? { ...check, got: 'that' }
        : { ...check, got: 'another', ...failed('Invalid signature') };
    }
    return { ...check, got: found.reason, ...failed('could not obtain public key') };
  }
}

async function isSigned(token: string, key: Uint8Array | KeyObject, alg: string): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] });
    return true;
  } catch {
    // Also a key that the algorithm cannot use: which error that is depends on what is wrong with the key server's document.
    return false;
  }
}

function verdictOf({ checks, claims }: { checks: TokenCheck[]; claims: JsonObject }): TokenVerdict {
  return { checks, claims, failure: checks.find(({ failure }) => failure !== undefined)?.failure };
}
