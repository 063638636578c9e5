/**
 * The token by which a provider says that somebody has logged out there (OpenID Connect Back-Channel Logout 1.0 §2.6).
 * Signatures are the business of `jose`.
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { asObject } from '../core/decode-token.ts';
import type { ProviderLogin } from '../core/session-claims.ts';
import { PUBLIC_KEY_ALGORITHMS } from '../core/token-checks.ts';

export interface LogoutTokenOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly keySetUrl: URL;
  readonly timeoutMs: number;
  readonly clockToleranceS: number;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Longer on its way than any provider tries. */
const MAX_AGE_S = 600;

/** Who has logged out: of one session there, or of all that began before `atS`. */
export interface LogOutAtProvider {
  readonly login: Partial<ProviderLogin>;
  /** Unix time. */
  readonly atS: number;
}

/** The provider's keys cannot be had just now: whether the token is good nobody can tell. */
export class KeysUnavailableError extends Error {}

export class LogoutTokens {
  readonly #options: LogoutTokenOptions;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: LogoutTokenOptions) {
    this.#options = options;
    const keys = createRemoteJWKSet(options.keySetUrl, {
      timeoutDuration: options.timeoutMs,
      [customFetch]: options.fetch,
    });
    this.#keys = async (header, token) => {
      try {
        return await keys(header, token);
      } catch (error) {
        if (ABOUT_TOKEN.some((kind) => error instanceof kind)) throw error;
        throw new KeysUnavailableError(error instanceof Error ? error.message : String(error));
      }
    };
  }

  /** Throws KeysUnavailableError, and any other error when it is not what it must be. */
  async read(token: string, wallMs: number): Promise<LogOutAtProvider> {
    const { issuer, clientId, clockToleranceS } = this.#options;
    const { payload } = await jwtVerify(token, this.#keys, {
      issuer,
      audience: clientId,
      algorithms: [...PUBLIC_KEY_ALGORITHMS],
      clockTolerance: clockToleranceS,
      maxTokenAge: MAX_AGE_S,
      requiredClaims: ['iat', 'jti', 'events'],
      currentDate: new Date(wallMs),
    });
    return readPayload(payload);
  }
}

/** What the lookup of a key says of the token and not of the keys. */
const ABOUT_TOKEN = [
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSENotSupported,
];

function readPayload({ events, nonce, sub, sid, iat = 0 }: JWTPayload): LogOutAtProvider {
  if (asObject(asObject(events)?.[EVENT]) === undefined) throw new Error('it is of another event');
  // Such a claim is in ID tokens, which must not be taken for this.
  if (nonce !== undefined) throw new Error('it has a nonce');
  const login = {
    ...(typeof sub === 'string' && sub !== '' && { subject: sub }),
    ...(typeof sid === 'string' && sid !== '' && { session: sid }),
  };
  if (Object.keys(login).length === 0) throw new Error('it names nobody (sub, sid)');
  return { login, atS: iat };
}
