/**
 * `/login…`: the page that lists the ways to log in, passwords typed there, OpenID Connect there and
 * back, and the session that a browser keeps. Every way ends in a token of ours behind the # of the
 * room's address; the cookie only saves the next log-in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type LogInSeal,
  type OidcProvider,
  type PasswordVerdict,
  type ProviderLogin,
  type SessionHolder,
  type SessionTokens,
  safeReturnPath,
} from '@conclave/access';
import type { AuditLog, Logger } from '@conclave/base';
import { AddressCounter } from '@conclave/platform/net';
import type { ClientAddress } from './client-address.ts';
import { readCookie, writeCookie } from './cookies.ts';
import {
  answer,
  answerProblem,
  type Exchange,
  HTML,
  isSameOrigin,
  JSON_TYPE,
  type ReturnTo,
  readForm,
  redirect,
  returnPathOf,
  TEXT,
} from './log-in-exchange.ts';
import { OidcLogIn } from './log-in-oidc.ts';
import {
  LOG_IN_DONE_SCRIPT,
  type LogInMethod,
  writeDonePage,
  writeLoggedOutPage,
  writeLogInPage,
  writeWelcomeBackPage,
} from './log-in-page.ts';
import { chooseTexts } from './pages/page-language.ts';
import type { PageTexts } from './pages/page-texts.ts';
import { EN } from './pages/texts-en.ts';
import { PAGE_STYLE } from './pages/write-page.ts';
import { remoteAddress } from './remote-address.ts';

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
  ) => Promise<PasswordVerdict | LockedOut>;
}

/** Too many tries. */
export interface LockedOut {
  readonly type: 'locked';
  /** How long none is looked at. */
  readonly minutes: number;
}

const MAX_AT_A_TIME = 100;
const MAX_PER_ADDRESS = 20;
const SESSION_COOKIE = 'conclave-session';

export class LogInRoutes {
  readonly #deps: LogInRouteDependencies;
  readonly #oidc: OidcLogIn | undefined;
  readonly #perAddress = new AddressCounter(MAX_PER_ADDRESS);
  #running = 0;
  /** Somebody has logged out at the provider; set by whoever has connections to end for that. */
  onProviderLogOut: (login: Partial<ProviderLogin>) => void = () => {};

  constructor(deps: LogInRouteDependencies) {
    this.#deps = deps;
    this.#oidc =
      deps.oidc &&
      new OidcLogIn(
        {
          ...deps,
          ...deps.oidc,
          endSessions: (login, atS) => {
            deps.sessions.revokeProviderLogin(login, atS);
            this.onProviderLogOut(login);
          },
        },
        (exchange, holder, to, method) => this.#welcome(exchange, holder, to, method),
      );
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
    const texts = chooseTexts(request, response);
    const exchange = { request, response, url, address, isSecure, texts };
    response.setHeader('Cache-Control', 'no-store');
    // In a pop-up, any other value would cut the tie to the page that waits for the token.
    response.setHeader('Cross-Origin-Opener-Policy', 'unsafe-none');
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
    work().catch((error: unknown) => {
      this.#deps.logger.error('web.login.failed', { error });
      answerProblem(exchange, 500, 'server');
    });
    return true;
  }

  /**
   * Runs what asks others (a directory, a provider) or costs much, so many at a time. Never while the client still sends: a few slow
   * ones would keep everybody out.
   */
  async #limited(exchange: Exchange, work: () => Promise<void>): Promise<void> {
    const giveBack =
      this.#running < MAX_AT_A_TIME
        ? this.#perAddress.take(remoteAddress(exchange.request))
        : undefined;
    if (giveBack === undefined) {
      answerProblem(exchange, 503, 'tooManyLogIns');
      return;
    }
    this.#running++;
    try {
      await work();
    } finally {
      this.#running--;
      giveBack();
    }
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
    const { verifyPassword } = this.#deps;
    const oidc = this.#oidc;
    return {
      '/login': ['GET', (exchange) => this.#showPage(exchange)],
      '/login/continue': ['GET', (exchange) => this.#continue(exchange)],
      '/login/leave': ['POST', (e) => this.#limited(e, () => this.#leave(e))],
      '/login/style.css': [
        'GET',
        async (e) => answer(e, 200, 'text/css; charset=utf-8', PAGE_STYLE),
      ],
      '/login/done': ['GET', async (e) => answer(e, 200, HTML, writeDonePage(e.texts))],
      '/login/done.js': [
        'GET',
        async (e) => answer(e, 200, 'application/javascript; charset=utf-8', LOG_IN_DONE_SCRIPT),
      ],
      '/login/session': ['POST', (exchange) => this.#answerSession(exchange)],
      '/login/logout': ['POST', (e) => this.#limited(e, () => this.#logOut(e))],
      ...(verifyPassword !== undefined && {
        '/login/password': ['POST', (exchange: Exchange) => this.#takePassword(exchange)] as const,
      }),
      ...(oidc !== undefined && {
        '/login/oidc': ['GET', (e: Exchange) => this.#limited(e, () => oidc.begin(e))] as const,
        '/login/oidc/callback': [
          'GET',
          (e: Exchange) => this.#limited(e, () => oidc.finish(e)),
        ] as const,
        '/login/oidc/backchannel-logout': ['POST', (e: Exchange) => oidc.takeLogOut(e)] as const,
      }),
    };
  }

  async #showPage(exchange: Exchange): Promise<void> {
    const { searchParams } = exchange.url;
    const to = { returnPath: returnPathOf(searchParams), isPopup: searchParams.has('popup') };
    const person = (await this.#session(exchange))?.name;
    if (person === undefined) this.#writePage(exchange, 200, to);
    else answer(exchange, 200, HTML, writeWelcomeBackPage(exchange.texts, { person, ...to }));
  }

  /** Whoever has logged in before goes on with the same token. */
  async #continue(exchange: Exchange): Promise<void> {
    const { searchParams } = exchange.url;
    const returnPath = returnPathOf(searchParams);
    const token = (await this.#session(exchange))?.token;
    if (token === undefined) redirect(exchange, `/login?return=${encodeURIComponent(returnPath)}`);
    else
      redirect(exchange, `${searchParams.has('popup') ? '/login/done' : returnPath}#jwt=${token}`);
  }

  #writePage(
    exchange: Exchange,
    status: number,
    page: ReturnTo & { readonly problem?: string; readonly user?: string },
  ): void {
    const methods = this.methods.map((method) =>
      method.type === 'url' ? { ...method, url: fillIn(method.url, page) } : method,
    );
    answer(exchange, status, HTML, writeLogInPage(exchange.texts, { ...page, methods }));
  }

  async #takePassword(exchange: Exchange): Promise<void> {
    const text = await readForm(exchange);
    if (text !== undefined) {
      await this.#limited(exchange, () => this.#checkPassword(exchange, new URLSearchParams(text)));
    }
  }

  async #checkPassword(exchange: Exchange, form: URLSearchParams): Promise<void> {
    const { verifyPassword } = this.#deps;
    if (verifyPassword === undefined) return;
    const returnPath = safeReturnPath(form.get('return'));
    const isPopup = form.has('popup');
    const user = form.get('user') ?? '';
    const show = (status: number, problemIn: (texts: PageTexts) => string) => {
      const typed = user.slice(0, 256);
      const problem = problemIn(exchange.texts);
      this.#record(exchange, 'login.refused', 'password', { actor: typed, reason: problemIn(EN) });
      this.#writePage(exchange, status, { returnPath, isPopup, problem, user: typed });
    };
    const from = remoteAddress(exchange.request);
    const verdict = await verifyPassword(user, form.get('password') ?? '', from);
    switch (verdict.type) {
      case 'accepted':
        await this.#welcome(
          exchange,
          {
            account: verdict.account,
            user: verdict.user,
            isModerator: verdict.isModerator,
            features: undefined,
          },
          { returnPath, isPopup },
          'password',
        );
        return;
      case 'refused':
        show(401, ({ problem }) => problem.wrongPassword);
        return;
      case 'locked':
        show(429, ({ logIn }) => logIn.locked(verdict.minutes));
        return;
      case 'unavailable':
        show(503, ({ problem }) => problem.passwordsDown);
    }
  }

  async #welcome(
    exchange: Exchange,
    holder: SessionHolder,
    { returnPath, isPopup }: ReturnTo,
    method: 'oidc' | 'password',
  ): Promise<void> {
    const { sessions } = this.#deps;
    const token = await sessions.create(holder);
    const cookie = writeCookie(SESSION_COOKIE, token, {
      maxAgeS: sessions.lifetimeS,
      isSecure: exchange.isSecure,
    });
    exchange.response.appendHeader('Set-Cookie', cookie);
    this.#record(exchange, 'login.accepted', method, { actor: holder.user.id ?? '' });
    redirect(exchange, `${isPopup ? '/login/done' : returnPath}#jwt=${token}`);
  }

  /** A page of ours asks for the token of an earlier log-in. */
  async #answerSession(exchange: Exchange): Promise<void> {
    if (!isSameOrigin(exchange)) return;
    const token = (await this.#session(exchange))?.token;
    // Not 401 for the others, which browsers would report as an error on every page of a guest.
    answer(exchange, 200, JSON_TYPE, JSON.stringify(token === undefined ? {} : { token }));
  }

  async #logOut(exchange: Exchange): Promise<void> {
    if (!isSameOrigin(exchange)) return;
    const url = await this.#endSession(exchange);
    answer(exchange, 200, JSON_TYPE, JSON.stringify(url === undefined ? {} : { url }));
  }

  /** The same by the button on our page. */
  async #leave(exchange: Exchange): Promise<void> {
    if (!isSameOrigin(exchange)) return;
    const url = await this.#endSession(exchange);
    answer(
      exchange,
      200,
      HTML,
      writeLoggedOutPage(exchange.texts, url, this.#deps.oidc?.label ?? ''),
    );
  }

  /** Where to log out at the provider as well, if there is such a place. */
  async #endSession(exchange: Exchange): Promise<string | undefined> {
    const { sessions, oidc } = this.#deps;
    const session = await this.#session(exchange);
    if (session !== undefined) {
      await sessions.revoke(session.token);
      this.#record(exchange, 'login.ended', undefined, { actor: session.id });
    }
    const { isSecure } = exchange;
    const cookie = writeCookie(SESSION_COOKIE, '', { maxAgeS: 0, isSecure });
    exchange.response.setHeader('Set-Cookie', cookie);
    // Here the log-out is done; that the provider is down does not undo it.
    return (await oidc?.provider.endSessionUrl().catch(() => undefined))?.href;
  }

  /** The good token of this browser, and whose it is. */
  async #session({
    request,
    isSecure,
  }: Exchange): Promise<{ token: string; id: string; name: string } | undefined> {
    const token = readCookie(request, SESSION_COOKIE, isSecure);
    const holder = token === undefined ? undefined : await this.#deps.sessions.holderOf(token);
    return token === undefined || holder === undefined ? undefined : { token, ...holder };
  }

  #record(
    { request }: Exchange,
    event: 'login.accepted' | 'login.refused' | 'login.ended',
    method: 'oidc' | 'password' | undefined,
    about: { readonly actor: string; readonly reason?: string },
  ): void {
    const address = remoteAddress(request);
    const how = method === undefined ? {} : { method };
    this.#deps.audit.record({ event, ...how, address, ...about });
  }
}

/** The address of a way to log in, for whoever wants to go on to `returnPath` afterwards. */
function fillIn(url: string, { returnPath, isPopup }: ReturnTo): string {
  if (url.startsWith('/login/oidc?')) {
    return `/login/oidc?return=${encodeURIComponent(returnPath)}${isPopup ? '&popup=1' : ''}`;
  }
  const [, room = ''] = /([^/?]*)(?:\?.*)?$/.exec(returnPath) ?? [];
  // Decodes without ever throwing, unlike decodeURIComponent.
  const name = new URLSearchParams(`name=${room.replaceAll('+', '%2B')}`).get('name');
  const state = JSON.stringify({ room: name });
  // By functions: in a text, $ would have a meaning.
  return url
    .replaceAll('{room}', () => room)
    .replaceAll('{state}', () => encodeURIComponent(state));
}
