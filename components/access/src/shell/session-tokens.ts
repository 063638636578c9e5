/**
 * The tokens that people get who logged in on our own page: ordinary JWTs, signed with a secret that
 * only this server has, and taken back by a log-out.
 */
import { createHash } from 'node:crypto';
import { type Clock, type RandomSource, randomToken } from '@conclave/base';
import { asObject, decodeToken, type JsonObject } from '../core/decode-token.ts';
import { RevokedSessions } from '../core/revoked-sessions.ts';
import {
  type ProviderLogin,
  SESSION_ISSUER,
  type SessionHolder,
  sessionClaims,
} from '../core/session-claims.ts';
import { failed } from '../core/token-checks.ts';
import type { TokenRules } from '../core/token-rules.ts';
import { PublicKeys } from './public-keys.ts';
import { signToken } from './sign-token.ts';
import { type TokenVerdict, TokenVerifier } from './token-verifier.ts';

export interface SessionTokenOptions {
  /** At least 32 random characters, kept over restarts. */
  readonly secret: string;
  /** XMPP_DOMAIN: tokens of another server are not ours. */
  readonly domain: string;
  readonly mucDomain: string;
  readonly lifetimeS: number;
  /** What `onRevoked` was last given. */
  readonly revoked: string;
}

export interface SessionTokenDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Keeps `text` over restarts. */
  onRevoked(text: string): void;
}

export class SessionTokens {
  readonly #deps: SessionTokenDependencies;
  readonly #options: SessionTokenOptions;
  readonly #verifier: TokenVerifier;
  readonly #revoked: RevokedSessions;
  readonly rules: TokenRules;

  constructor(deps: SessionTokenDependencies, options: SessionTokenOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#revoked = RevokedSessions.read(options.revoked, this.#nowS);
    this.rules = {
      issuers: [SESSION_ISSUER],
      audiences: [options.domain],
      allowEmpty: false,
      verifyDomain: false,
      mucDomain: options.mucDomain,
      leewayS: 0,
    };
    const noKeys = new PublicKeys(deps.clock, {
      keyServer: undefined,
      keySet: undefined,
      timeoutMs: 0,
    });
    this.#verifier = new TokenVerifier(deps.clock, this.rules, [options.secret], noKeys);
  }

  get lifetimeS(): number {
    return this.#options.lifetimeS;
  }

  /** Whether a token claims to be one of ours; `verify` tells whether it is. */
  isOurs(token: string): boolean {
    const decoded = decodeToken(token);
    return decoded.type === 'token' && decoded.claims.iss === SESSION_ISSUER;
  }

  create(holder: SessionHolder): Promise<string> {
    const id = randomToken(this.#deps.random, 24);
    const times = { nowS: this.#nowS, lifetimeS: this.#options.lifetimeS };
    return signToken(sessionClaims(holder, this.#options.domain, id, times), this.#options.secret);
  }

  async verify(token: string): Promise<TokenVerdict> {
    const verdict = await this.#verifier.verify(token);
    if (verdict.failure !== undefined || !this.#isRevoked(verdict.claims)) return verdict;
    const check = {
      subject: 'jti',
      expected: 'a session that goes on',
      got: 'one that was logged out',
      ...failed('logged out'),
    };
    return { ...verdict, checks: [...verdict.checks, check], failure: check.failure };
  }

  /** The name of whoever holds a good token; undefined for any other. */
  async holderOf(
    token: string,
  ): Promise<{ readonly id: string; readonly name: string } | undefined> {
    const { failure, claims } = await this.verify(token);
    if (failure !== undefined) return undefined;
    const user = asObject(asObject(claims.context)?.user);
    const id = String(user?.id ?? '');
    return { id, name: String(user?.name ?? id) };
  }

  /** The account whose log-in a good token is; undefined for any other. */
  async accountOf(token: string): Promise<string | undefined> {
    const { failure, claims } = await this.verify(token);
    return failure === undefined && typeof claims.account === 'string' ? claims.account : undefined;
  }

  /** Takes a good token back; nothing happens with any other. */
  async revoke(token: string): Promise<void> {
    const { failure, claims } = await this.verify(token);
    if (failure !== undefined || typeof claims.exp !== 'number') return;
    this.#revoked.add(String(claims.jti), claims.exp, this.#nowS);
    this.#deps.onRevoked(this.#revoked.write());
  }

  /** The log-in at a provider that a good token came from; undefined for any other. */
  async providerLoginOf(token: string): Promise<ProviderLogin | undefined> {
    const { failure, claims } = await this.verify(token);
    return failure === undefined ? providerLoginFrom(claims) : undefined;
  }

  /**
   * Somebody has logged out at the provider: of one session there when it is named, else everywhere. Who has logged in
   * again since `atS` (Unix time) is not meant.
   */
  revokeProviderLogin({ subject, session }: Partial<ProviderLogin>, atS: number): void {
    const name = session === undefined ? subject && subjectKey(subject) : sessionKey(session);
    if (name === undefined) return;
    this.#revoked.add(name, atS + this.#options.lifetimeS, this.#nowS, atS);
    this.#deps.onRevoked(this.#revoked.write());
  }

  #isRevoked(claims: JsonObject): boolean {
    if (this.#revoked.has(String(claims.jti))) return true;
    const login = providerLoginFrom(claims);
    if (login === undefined) return false;
    const issuedS = Number(claims.iat);
    const { subject, session } = login;
    if (this.#revoked.has(subjectKey(subject), issuedS)) return true;
    return session !== undefined && this.#revoked.has(sessionKey(session), issuedS);
  }

  get #nowS(): number {
    return this.#deps.clock.wallMs() / 1000;
  }
}

function providerLoginFrom({ provider }: JsonObject): ProviderLogin | undefined {
  const { sub, sid } = asObject(provider) ?? {};
  if (typeof sub !== 'string') return undefined;
  return { subject: sub, ...(typeof sid === 'string' && { session: sid }) };
}

/** Names of a provider may hold anything; these fit into a line. */
const subjectKey = (subject: string) => `sub.${hashOf(subject)}`;
const sessionKey = (session: string) => `sid.${hashOf(session)}`;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32);
}
