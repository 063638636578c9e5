/** OpenID Connect at the browser's side: to the provider, and back with its answer. */
import { type LogInSeal, OidcError, type OidcProvider, type ProviderLogin } from '@conclave/access';
import type { AuditLog, Logger } from '@conclave/base';
import { sha256Hex } from '@conclave/platform/crypto';
import { readCookie, writeCookie } from './cookies.ts';
import {
  answer,
  answerProblem,
  type Exchange,
  JSON_TYPE,
  redirect,
  returnPathOf,
  TEXT,
  type Welcome,
} from './log-in-exchange.ts';
import { readBody } from './read-body.ts';
import { remoteAddress } from './remote-address.ts';

export interface OidcLogInDependencies {
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly provider: OidcProvider;
  readonly seal: LogInSeal;
  /** Ends what somebody logged in to before `atS` (Unix time): one session of the provider, or all. */
  readonly endSessions: (login: Partial<ProviderLogin>, atS: number) => void;
}

/** What the person is told, by what went wrong at the provider. */
const ANSWERS = {
  unavailable: [503, 'providerDown'],
  misconfigured: [502, 'providerMisconfigured'],
  refused: [403, 'providerRefused'],
} as const;
const LOG_IN_COOKIE = 'conclave-login';
const LOG_IN_SECONDS = 600;
const MAX_LOGOUT_BYTES = 16 * 1024;

export class OidcLogIn {
  readonly #deps: OidcLogInDependencies;
  readonly #welcome: Welcome;

  constructor(deps: OidcLogInDependencies, welcome: Welcome) {
    this.#deps = deps;
    this.#welcome = welcome;
  }

  /** Sends the browser to the provider. */
  async begin(exchange: Exchange): Promise<void> {
    const { provider, seal } = this.#deps;
    const returnPath = returnPathOf(exchange.url.searchParams);
    const isPopup = exchange.url.searchParams.has('popup');
    try {
      const { logIn, url } = await provider.begin(returnPath, isPopup);
      const cookie = writeCookie(cookieOf(logIn.state), await seal.seal(logIn), {
        maxAgeS: LOG_IN_SECONDS,
        isSecure: exchange.isSecure,
      });
      exchange.response.setHeader('Set-Cookie', cookie);
      redirect(exchange, url.href);
    } catch (error) {
      this.#refuse(exchange, error, returnPath);
    }
  }

  /** Takes what the provider sent the browser back with. */
  async finish(exchange: Exchange): Promise<void> {
    const { provider, seal } = this.#deps;
    const { searchParams } = exchange.url;
    const name = cookieOf(searchParams.get('state') ?? '');
    const sealed = readCookie(exchange.request, name, exchange.isSecure);
    const logIn = sealed === undefined ? undefined : await seal.open(sealed);
    if (logIn === undefined) {
      // Forged, opened in another browser, older than ten minutes, or the second time.
      this.#record(exchange, 'no log-in under way in this browser');
      answerProblem(exchange, 400, 'staleLogIn', '/login');
      return;
    }
    const { isSecure } = exchange;
    exchange.response.setHeader('Set-Cookie', writeCookie(name, '', { maxAgeS: 0, isSecure }));
    try {
      const person = await provider.finish(logIn, searchParams);
      if (person.type === 'refused') {
        throw new OidcError({ kind: 'refused', reason: person.reason });
      }
      await this.#welcome(exchange, person.holder, logIn, 'oidc');
    } catch (error) {
      this.#refuse(exchange, error, logIn.returnPath);
    }
  }

  /**
   * The provider says that somebody has logged out there (OpenID Connect Back-Channel Logout 1.0 §2.5). Whoever has
   * that token may say so: it is signed.
   */
  async takeLogOut(exchange: Exchange): Promise<void> {
    const { provider, logger, audit } = this.#deps;
    const refuse = (status: number, reason: string) => {
      const json = JSON.stringify({ error: 'invalid_request', error_description: reason });
      answer(exchange, status, JSON_TYPE, json);
    };
    const text = await readBody(exchange.request, MAX_LOGOUT_BYTES);
    const token = new URLSearchParams(text).get('logout_token');
    if (text === undefined || token === null) {
      exchange.response.setHeader('Connection', 'close');
      refuse(400, 'logout_token is missing or too long');
      return;
    }
    try {
      const { login, atS } = await provider.readLogoutToken(token);
      this.#deps.endSessions(login, atS);
      const reason = 'logged out at the provider';
      const address = remoteAddress(exchange.request);
      const actor = login.subject ?? 'one session of somebody';
      audit.record({ event: 'login.ended', method: 'oidc', address, actor, reason });
      answer(exchange, 200, TEXT, '');
    } catch (error) {
      if (!(error instanceof OidcError)) throw error;
      const { kind, reason } = error.failure;
      logger.warn('access.oidc.logout.refused', { kind, message: `OpenID Connect: ${reason}` });
      refuse(kind === 'unavailable' ? 503 : 400, 'the token is not good');
    }
  }

  #refuse(exchange: Exchange, error: unknown, returnPath: string): void {
    if (!(error instanceof OidcError)) throw error;
    const { kind, reason } = error.failure;
    const log = kind === 'refused' ? 'info' : 'warn';
    this.#deps.logger[log]('access.oidc.refused', { kind, message: `OpenID Connect: ${reason}` });
    this.#record(exchange, reason);
    const [status, problem] = ANSWERS[kind];
    const retryUrl = `/login/oidc?return=${encodeURIComponent(returnPath)}`;
    answerProblem(exchange, status, problem, retryUrl);
  }

  #record({ request }: Exchange, reason: string): void {
    const address = remoteAddress(request);
    this.#deps.audit.record({ event: 'login.refused', method: 'oidc', address, reason });
  }
}

/** Several log-ins may be under way in one browser, each in a tab of its own. */
function cookieOf(state: string): string {
  return `${LOG_IN_COOKIE}-${sha256Hex(Buffer.from(state)).slice(0, 16)}`;
}
