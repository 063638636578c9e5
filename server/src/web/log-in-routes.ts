/**
 * `/login…`: the page that lists the ways to log in, passwords typed there, OpenID Connect there and
 * back, and the session that a browser keeps. Every way ends in a token of ours behind the # of the
 * room's address; the cookie only saves the next log-in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type LogInSeal,
  OidcError,
  type OidcProvider,
  type PasswordVerdict,
  roomReturnPath,
  type SessionHolder,
  type SessionTokens,
  safeReturnPath,
} from '@conclave/access';
import type { AuditLog, Logger } from '@conclave/base';
import { sha256Hex } from '@conclave/platform/crypto';
import type { ClientAddress } from './client-address.ts';
import { readCookie, writeCookie } from './cookies.ts';
import {
  LOG_IN_DONE_SCRIPT,
  LOG_IN_STYLE,
  type LogInMethod,
  writeDonePage,
  writeLogInPage,
  writeProblemPage,
} from './log-in-page.ts';
import { readBody } from './read-body.ts';
import { remoteAddress } from './stream-parameters.ts';

export interface LogInRouteDependencies {
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly sessions: SessionTokens;
  /** Besides passwords and the provider: pages elsewhere. */
  readonly links: readonly Extract<LogInMethod, { type: 'url' }>[];
  readonly oidc?: {
    readonly provider: OidcProvider;
    readonly seal: LogInSeal;
    /** What the button says. */
    readonly label: string;
  };
  /** With all the limits that log-ins have. */
  readonly verifyPassword?: (
    user: string,
    password: string,
    remoteAddress: string,
  ) => Promise<PasswordVerdict>;
}

const MAX_FORM_BYTES = 8 * 1024;
const MAX_AT_A_TIME = 100;
const SESSION_COOKIE = 'conclave-session';
const LOG_IN_COOKIE = 'conclave-login';
const LOG_IN_SECONDS = 600;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly address: ClientAddress;
  readonly isSecure: boolean;
}

export class LogInRoutes {
  readonly #deps: LogInRouteDependencies;
  #running = 0;

  constructor(deps: LogInRouteDependencies) {
    this.#deps = deps;
  }

  /** What clients are told about the ways to log in; addresses hold {room} and {state}. */
  get methods(): LogInMethod[] {
    const { oidc, links, verifyPassword } = this.#deps;
    const query = 'room={room}&state={state}';
    return [
      ...(verifyPassword === undefined ? [] : [{ type: 'password' as const }]),
      ...(oidc === undefined
        ? []
        : [{ type: 'url' as const, label: oidc.label, url: `/login/oidc?${query}` }]),
      ...links,
    ];
  }

  /** Whether the request was for one of these pages. */
  handle(address: ClientAddress, request: IncomingMessage, response: ServerResponse): boolean {
    const target = request.url ?? '';
    if (!/^\/login(?:[/?]|$)/.test(target) || !URL.canParse(target, address.httpOrigin))
      return false;
    const url = new URL(target, address.httpOrigin);
    const isSecure = address.httpOrigin.startsWith('https:');
    const exchange = { request, response, url, address, isSecure };
    response.setHeader('Cache-Control', 'no-store');
    // With `no-referrer` browsers would send no Origin with a form either.
    response.setHeader('Referrer-Policy', 'same-origin');
    const work = this.#route(exchange);
    if (work === undefined) {
      answer(exchange, 404, TEXT, 'There is nothing here.\n');
      return true;
    }
    if (work === 'method') {
      response.setHeader('Connection', 'close');
      answer(exchange, 405, TEXT, 'This address is not for that.\n');
      return true;
    }
    if (this.#running >= MAX_AT_A_TIME) {
      answerProblem(exchange, 503, 'Too many people are logging in just now. Try again soon.');
      return true;
    }
    this.#running++;
    work()
      .catch((error: unknown) => {
        this.#deps.logger.error('web.login.failed', { error });
        answerProblem(exchange, 500, 'Something went wrong on the server.');
      })
      .finally(() => this.#running--);
    return true;
  }

  #route(exchange: Exchange): (() => Promise<void>) | 'method' | undefined {
    const { method = 'GET' } = exchange.request;
    const route = this.#routes()[exchange.url.pathname];
    if (route === undefined) return undefined;
    const [wanted, run] = route;
    return wanted === method || (wanted === 'GET' && method === 'HEAD')
      ? () => run(exchange)
      : 'method';
  }

  #routes(): Readonly<Record<string, readonly ['GET' | 'POST', (e: Exchange) => Promise<void>]>> {
    const { oidc, verifyPassword } = this.#deps;
    return {
      '/login': ['GET', async (exchange) => this.#showPage(exchange)],
      '/login/style.css': [
        'GET',
        async (e) => answer(e, 200, 'text/css; charset=utf-8', LOG_IN_STYLE),
      ],
      '/login/done': ['GET', async (e) => answer(e, 200, HTML, writeDonePage())],
      '/login/done.js': [
        'GET',
        async (e) => answer(e, 200, 'application/javascript; charset=utf-8', LOG_IN_DONE_SCRIPT),
      ],
      '/login/session': ['POST', (exchange) => this.#answerSession(exchange)],
      '/login/logout': ['POST', (exchange) => this.#logOut(exchange)],
      ...(verifyPassword !== undefined && {
        '/login/password': ['POST', (exchange: Exchange) => this.#takePassword(exchange)] as const,
      }),
      ...(oidc !== undefined && {
        '/login/oidc': ['GET', (exchange: Exchange) => this.#beginOidc(exchange)] as const,
        '/login/oidc/callback': ['GET', (e: Exchange) => this.#finishOidc(e)] as const,
      }),
    };
  }

  #showPage(
    exchange: Exchange,
    status = 200,
    more: { problem?: string; user?: string } = {},
  ): void {
    const returnPath = returnPathOf(exchange.url.searchParams);
    this.#writePage(exchange, status, returnPath, exchange.url.searchParams.has('popup'), more);
  }

  #writePage(
    exchange: Exchange,
    status: number,
    returnPath: string,
    isPopup: boolean,
    more: { problem?: string; user?: string },
  ): void {
    const popup = isPopup ? '&popup=1' : '';
    const room = decodeURIComponent(returnPath.split(/[/?]/).at(-1) ?? '');
    const methods = this.methods.map((method): LogInMethod => {
      if (method.type !== 'url') return method;
      const url = method.url.startsWith('/login/oidc?')
        ? `/login/oidc?return=${encodeURIComponent(returnPath)}${popup}`
        : method.url
            .replaceAll('{room}', encodeURIComponent(room))
            .replaceAll('{state}', encodeURIComponent(JSON.stringify({ room })));
      return { ...method, url };
    });
    answer(exchange, status, HTML, writeLogInPage({ methods, returnPath, isPopup, ...more }));
  }

  async #takePassword(exchange: Exchange): Promise<void> {
    const { verifyPassword } = this.#deps;
    const text = await readForm(exchange);
    if (text === undefined || verifyPassword === undefined) return;
    const form = new URLSearchParams(text);
    const returnPath = safeReturnPath(form.get('return'));
    const isPopup = form.has('popup');
    const user = form.get('user') ?? '';
    const show = (status: number, problem: string) =>
      this.#writePage(exchange, status, returnPath, isPopup, { problem, user: user.slice(0, 256) });
    const from = remoteAddress(exchange.request);
    const verdict = await verifyPassword(user, form.get('password') ?? '', from);
    switch (verdict.type) {
      case 'accepted':
        await this.#welcome(exchange, { ...verdict, features: undefined }, returnPath, isPopup);
        return;
      case 'refused':
        show(401, 'User name or password is wrong.');
        return;
      case 'unavailable':
        show(503, 'Passwords cannot be checked just now. Try again soon.');
    }
  }

  async #beginOidc(exchange: Exchange): Promise<void> {
    const { oidc } = this.#deps;
    if (oidc === undefined) return;
    const returnPath = returnPathOf(exchange.url.searchParams);
    const isPopup = exchange.url.searchParams.has('popup');
    try {
      const { logIn, url } = await oidc.provider.begin(returnPath, isPopup);
      const cookie = writeCookie(cookieOf(logIn.state), await oidc.seal.seal(logIn), {
        maxAgeS: LOG_IN_SECONDS,
        isSecure: exchange.isSecure,
      });
      exchange.response.setHeader('Set-Cookie', cookie);
      redirect(exchange, url.href);
    } catch (error) {
      this.#refuseOidc(exchange, error, returnPath);
    }
  }

  async #finishOidc(exchange: Exchange): Promise<void> {
    const { oidc } = this.#deps;
    const { searchParams } = exchange.url;
    const name = cookieOf(searchParams.get('state') ?? '');
    const sealed = readCookie(exchange.request, name, exchange.isSecure);
    const logIn = sealed === undefined ? undefined : await oidc?.seal.open(sealed);
    if (oidc === undefined || logIn === undefined) {
      // Forged, opened in another browser, older than ten minutes, or the second time.
      this.#record(exchange, 'login.refused', { reason: 'no log-in under way in this browser' });
      answerProblem(
        exchange,
        400,
        'This log-in was begun in another browser, is over, or took too long.',
        '/login',
      );
      return;
    }
    const { isSecure } = exchange;
    exchange.response.setHeader('Set-Cookie', writeCookie(name, '', { maxAgeS: 0, isSecure }));
    try {
      const person = await oidc.provider.finish(logIn, searchParams);
      if (person.type === 'refused') {
        throw new OidcError({ kind: 'refused', reason: person.reason });
      }
      await this.#welcome(exchange, person.holder, logIn.returnPath, logIn.isPopup, 'oidc');
    } catch (error) {
      this.#refuseOidc(exchange, error, logIn.returnPath);
    }
  }

  #refuseOidc(exchange: Exchange, error: unknown, returnPath: string): void {
    if (!(error instanceof OidcError)) throw error;
    const { kind, reason } = error.failure;
    const log = kind === 'refused' ? 'info' : 'warn';
    this.#deps.logger[log]('access.oidc.refused', { kind, message: `OpenID Connect: ${reason}` });
    this.#record(exchange, 'login.refused', { reason });
    const [status, problem] = {
      unavailable: [503, 'The organisation that you log in with does not answer. Try again soon.'],
      misconfigured: [
        502,
        'This server and the organisation that you log in with are not set up for each other. Tell the person who runs this server; the reason is in its log.',
      ],
      refused: [403, 'The log-in was cancelled, came too late, or is not allowed for you.'],
    }[kind] as [number, string];
    const retryUrl = `/login/oidc?return=${encodeURIComponent(returnPath)}`;
    answerProblem(exchange, status, problem, retryUrl);
  }

  async #welcome(
    exchange: Exchange,
    holder: SessionHolder,
    returnPath: string,
    isPopup: boolean,
    method?: 'oidc',
  ): Promise<void> {
    const { sessions } = this.#deps;
    const token = await sessions.create(holder);
    const cookie = writeCookie(SESSION_COOKIE, token, {
      maxAgeS: sessions.lifetimeS,
      isSecure: exchange.isSecure,
    });
    exchange.response.appendHeader('Set-Cookie', cookie);
    if (method !== undefined) {
      this.#record(exchange, 'login.accepted', { actor: holder.user.id ?? '' });
    }
    redirect(exchange, `${isPopup ? '/login/done' : returnPath}#jwt=${token}`);
  }

  /** A page of ours asks for the token of an earlier log-in. */
  async #answerSession(exchange: Exchange): Promise<void> {
    if (!isSameOrigin(exchange)) return;
    const token = readCookie(exchange.request, SESSION_COOKIE, exchange.isSecure);
    const isGood =
      token !== undefined && (await this.#deps.sessions.verify(token)).failure === undefined;
    answer(exchange, isGood ? 200 : 401, JSON_TYPE, JSON.stringify(isGood ? { token } : {}));
  }

  async #logOut(exchange: Exchange): Promise<void> {
    if (!isSameOrigin(exchange)) return;
    const { sessions, oidc } = this.#deps;
    const { isSecure } = exchange;
    const token = readCookie(exchange.request, SESSION_COOKIE, isSecure);
    const holder = token === undefined ? undefined : await sessions.holderOf(token);
    if (token !== undefined && holder !== undefined) {
      await sessions.revoke(token);
      this.#record(exchange, 'login.ended', { actor: holder.id });
    }
    exchange.response.setHeader(
      'Set-Cookie',
      writeCookie(SESSION_COOKIE, '', { maxAgeS: 0, isSecure }),
    );
    // Here the log-out is done; that the provider is down does not undo it.
    const url = await oidc?.provider.endSessionUrl().catch(() => undefined);
    answer(exchange, 200, JSON_TYPE, JSON.stringify(url === undefined ? {} : { url: url.href }));
  }

  #record(
    { request }: Exchange,
    event: 'login.accepted' | 'login.refused' | 'login.ended',
    about: { readonly actor?: string; readonly reason?: string },
  ): void {
    this.#deps.audit.record({ event, method: 'oidc', address: remoteAddress(request), ...about });
  }
}

const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Several log-ins may be under way in one browser, each in a tab of its own. */
function cookieOf(state: string): string {
  return `${LOG_IN_COOKIE}-${sha256Hex(Buffer.from(state)).slice(0, 16)}`;
}

function returnPathOf(parameters: URLSearchParams): string {
  const wanted = parameters.get('return');
  return wanted === null
    ? roomReturnPath(parameters.get('room'), parameters.get('state'))
    : safeReturnPath(wanted);
}

/** Answers and returns false when the request does not come from a page of this server. */
function isSameOrigin(exchange: Exchange): boolean {
  const { headers } = exchange.request;
  const site = headers['sec-fetch-site'];
  const isOurs =
    site === undefined ? headers.origin === exchange.address.httpOrigin : site === 'same-origin';
  if (!isOurs) {
    exchange.response.setHeader('Connection', 'close');
    answer(exchange, 403, TEXT, 'Only pages of this server may ask this.\n');
  }
  return isOurs;
}

async function readForm(exchange: Exchange): Promise<string | undefined> {
  if (!isSameOrigin(exchange)) return undefined;
  const text = await readBody(exchange.request, MAX_FORM_BYTES);
  if (text === undefined) {
    exchange.response.setHeader('Connection', 'close');
    answer(exchange, 413, TEXT, 'The form is too long.\n');
  }
  return text;
}

function redirect(exchange: Exchange, location: string): void {
  exchange.response.setHeader('Location', location);
  answer(exchange, 303, TEXT, '');
}

function answerProblem(
  exchange: Exchange,
  status: number,
  problem: string,
  retryUrl?: string,
): void {
  const page = writeProblemPage({ problem, ...(retryUrl !== undefined && { retryUrl }) });
  answer(exchange, status, HTML, page);
}

function answer({ request, response }: Exchange, status: number, type: string, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : body);
}
