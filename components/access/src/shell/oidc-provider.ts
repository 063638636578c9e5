/**
 * One OpenID Connect provider as a relying party sees it (Core §3.1, discovery, PKCE RFC 7636), by
 * `openid-client`; what is added here are limits, a memory for the discovery, and plain reasons.
 */
import type { Clock } from '@conclave/base';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientSecretPost,
  type Configuration,
  type CustomFetchOptions,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { type OidcPerson, personFromClaims } from '../core/oidc-claims.ts';
import { explainOidcFault, type OidcFailure, type OidcFault } from '../core/oidc-faults.ts';
import type { OidcOptions } from '../core/oidc-options.ts';
import { readText } from './fetch-document.ts';
import type { LogInUnderWay } from './log-in-seal.ts';
import { KeysUnavailableError, type LogOutAtProvider, LogoutTokens } from './logout-token.ts';

/** Thrown for every log-in that comes to nothing. */
export class OidcError extends Error {
  readonly failure: OidcFailure;

  constructor(failure: OidcFailure) {
    super(failure.reason);
    this.failure = failure;
  }
}

const MAX_BYTES = 512 * 1024;
/** Providers change keys and addresses now and then. */
const DISCOVERY_AGE_MS = 3_600_000;
/** After a failure the provider is left alone for so long. */
const FAILURE_AGE_MS = 2_000;
const CLOCK_TOLERANCE_S = 30;

export class OidcProvider {
  readonly #clock: Clock;
  readonly #options: OidcOptions;
  #discovery: Promise<Configuration> | undefined;
  #discoveryEndsMs = 0;
  /** The last that was good: what it says holds while the provider cannot say it again. */
  #known: Configuration | undefined;
  #logoutTokens: { readonly keySet: string; readonly tokens: LogoutTokens } | undefined;

  constructor(clock: Clock, options: OidcOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** What to remember, and the address at the provider to go to. Throws OidcError. */
  async begin(returnPath: string, isPopup: boolean): Promise<{ logIn: LogInUnderWay; url: URL }> {
    return run(async () => {
      const config = await this.#configuration();
      const logIn: LogInUnderWay = {
        state: randomState(),
        nonce: randomNonce(),
        codeVerifier: randomPKCECodeVerifier(),
        returnPath,
        isPopup,
      };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: this.#options.redirectUri,
        scope: this.#options.scopes,
        state: logIn.state,
        nonce: logIn.nonce,
        code_challenge: await calculatePKCECodeChallenge(logIn.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { logIn, url };
    });
  }

  /** Who came back from the provider with `query`. Throws OidcError. */
  async finish(logIn: LogInUnderWay, query: URLSearchParams): Promise<OidcPerson> {
    return run(async () => {
      const config = await this.#configuration();
      // The address is ours by the settings, not by what the request said.
      const url = new URL(this.#options.redirectUri);
      url.search = query.toString();
      const tokens = await authorizationCodeGrant(config, url, {
        expectedState: logIn.state,
        expectedNonce: logIn.nonce,
        pkceCodeVerifier: logIn.codeVerifier,
        idTokenExpected: true,
      });
      const idClaims = { ...tokens.claims() };
      const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
      const more = hasMore
        ? await fetchUserInfo(config, tokens.access_token, String(idClaims.sub))
        : {};
      return personFromClaims({ ...more, ...idClaims }, this.#options.claims);
    });
  }

  /** Where to go to log out there as well; undefined when the provider has no such place. */
  async endSessionUrl(): Promise<URL | undefined> {
    return run(async () => {
      const config = await this.#configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(config, {
        post_logout_redirect_uri: this.#options.afterLogoutUri,
      });
    });
  }

  /** Who has logged out at the provider, by the token that it sends. Throws OidcError. */
  async readLogoutToken(token: string): Promise<LogOutAtProvider> {
    return run(async () => {
      const config = await this.#configuration();
      const { issuer, jwks_uri: keySet } = config.serverMetadata();
      if (keySet === undefined) throw new Error('the provider publishes no keys (jwks_uri)');
      if (this.#logoutTokens?.keySet !== keySet) {
        const { clientId, timeoutMs } = this.#options;
        const tokens = new LogoutTokens({
          issuer,
          clientId,
          keySetUrl: new URL(keySet),
          timeoutMs,
          clockToleranceS: CLOCK_TOLERANCE_S,
          fetch: (url, init) => fetchLimited(url, { ...init, redirect: 'manual' }),
        });
        this.#logoutTokens = { keySet, tokens };
      }
      try {
        return await this.#logoutTokens.tokens.read(token, this.#clock.wallMs());
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new OidcError(
          error instanceof KeysUnavailableError
            ? { kind: 'unavailable', reason: `its keys (jwks_uri) cannot be had: ${reason}` }
            : { kind: 'refused', reason: `a log-out token is not good: ${reason}` },
        );
      }
    });
  }

  /** Looks once whether the provider can be asked; undefined: it can, else why not. */
  async probe(): Promise<string | undefined> {
    try {
      await run(() => this.#configuration());
      return undefined;
    } catch (error) {
      if (error instanceof OidcError) return error.failure.reason;
      throw error;
    }
  }

  #configuration(): Promise<Configuration> {
    const nowMs = this.#clock.nowMs();
    if (this.#discovery !== undefined && nowMs < this.#discoveryEndsMs) return this.#discovery;
    const { issuer, clientId, clientSecret, timeoutMs } = this.#options;
    const url = new URL(issuer);
    this.#discoveryEndsMs = nowMs + DISCOVERY_AGE_MS;
    const found = discovery(
      url,
      clientId,
      { [clockTolerance]: CLOCK_TOLERANCE_S },
      clientSecret === '' ? None() : ClientSecretPost(clientSecret),
      {
        timeout: Math.max(1, timeoutMs / 1000),
        [customFetch]: fetchLimited,
        // Signatures of ID tokens are checked even though they come over TLS.
        execute: [
          enableNonRepudiationChecks,
          ...(url.protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
      },
    );
    this.#discovery = found.then(
      (configuration) => {
        this.#known = configuration;
        return configuration;
      },
      (error: unknown) => {
        this.#discoveryEndsMs = this.#clock.nowMs() + FAILURE_AGE_MS;
        if (this.#known === undefined) throw error;
        return this.#known;
      },
    );
    return this.#discovery;
  }
}

/** The library follows no redirects; here the length of answers gets its limit. */
async function fetchLimited(
  url: string,
  options: CustomFetchOptions | RequestInit,
): Promise<Response> {
  const response = await fetch(url, options as RequestInit);
  const text = await readText(response, MAX_BYTES);
  if (text === undefined) throw new Error(`the answer is too long (over ${MAX_BYTES} bytes)`);
  const { status, headers } = response;
  const limited = new Response(text === '' ? null : text, { status, headers });
  return limited;
}

async function run<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OidcError) throw error;
    throw new OidcError(explainOidcFault(faultOf(error)));
  }
}

function faultOf(error: unknown): OidcFault {
  const texts: string[] = [];
  const codes: string[] = [];
  let status: number | undefined;
  let cause: unknown = error;
  for (let depth = 0; typeof cause === 'object' && cause !== null && depth < 4; depth++) {
    if (cause instanceof Response) status = cause.status;
    const { code, name, message } = cause as Readonly<Record<string, unknown>>;
    for (const text of [code, name]) if (typeof text === 'string') codes.push(text);
    if (typeof message === 'string') texts.push(message);
    cause = (cause as { cause?: unknown }).cause;
  }
  const isAnswer =
    error instanceof ResponseBodyError || error instanceof AuthorizationResponseError;
  return {
    code: codes.join(' '),
    message: texts.join(': '),
    oauthError: isAnswer ? error.error : undefined,
    status: error instanceof ResponseBodyError ? error.status : status,
  };
}
