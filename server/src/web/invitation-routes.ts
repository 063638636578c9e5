/**
 * `/invite/TOKEN`: the page on which an invited person sets the password of the account, once. The
 * administrator who made the link (`conclave user invite`) never learns it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  keysOfPassword,
  MAX_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH,
  passwordFault,
} from '@conclave/access';
import type { AuditLog, Logger } from '@conclave/base';
import { addressKey } from '@conclave/platform/net';
import type { AccountDesk } from '../logins.ts';
import { chooseTexts } from './pages/page-language.ts';
import type { PageTexts } from './pages/page-texts.ts';
import { alertOf, escapeHtml, writePage } from './pages/write-page.ts';
import { readBody } from './read-body.ts';
import { remoteAddress } from './remote-address.ts';

export interface InvitationRouteDependencies {
  readonly desk: Pick<AccountDesk, 'store' | 'derivations'>;
  readonly audit: AuditLog;
  readonly logger: Logger;
}

/** 192 bits in base64url: nobody finds one by trying. */
const PATH = /^\/invite\/([\w-]{32})$/;
const MAX_FORM_BYTES = 4 * 1024;
const MAX_AT_A_TIME = 20;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly token: string;
  readonly texts: PageTexts;
}

export class InvitationRoutes {
  readonly #deps: InvitationRouteDependencies;
  #running = 0;

  constructor(deps: InvitationRouteDependencies) {
    this.#deps = deps;
  }

  /** Whether the request was for this page. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const token = PATH.exec((request.url ?? '').split('?', 1)[0] ?? '')?.[1];
    if (token === undefined) return false;
    response.setHeader('Cache-Control', 'no-store');
    const exchange = { request, response, token, texts: chooseTexts(request, response) };
    if (request.method === 'POST') {
      this.#begin(exchange).catch((error: unknown) => {
        this.#deps.logger.error('web.invitation.failed', { error });
        answerProblem(exchange, 500, 'broken');
      });
    } else if (request.method === 'GET' || request.method === 'HEAD') this.#show(exchange, 200);
    else {
      response.setHeader('Allow', 'GET, HEAD, POST');
      response.setHeader('Connection', 'close');
      answerProblem(exchange, 405, 'wrongMethod');
    }
    return true;
  }

  async #begin(exchange: Exchange): Promise<void> {
    const text = await readBody(exchange.request, MAX_FORM_BYTES);
    if (text === undefined) {
      exchange.response.setHeader('Connection', 'close');
      answerProblem(exchange, 413, 'tooLong');
      return;
    }
    // Not while forms are still on their way: a few slow ones would keep everybody out.
    if (this.#running >= MAX_AT_A_TIME) {
      answerProblem(exchange, 503, 'tooMany');
      return;
    }
    this.#running++;
    try {
      await this.#take(exchange, new URLSearchParams(text));
    } finally {
      this.#running--;
    }
  }

  #show(exchange: Exchange, status: number, fault?: string): void {
    const account = this.#deps.desk.store.invited(exchange.token);
    if (account === undefined) {
      answerProblem(exchange, 404, 'used');
      return;
    }
    const { texts } = exchange;
    const { invitation: say } = texts;
    const alert = fault === undefined ? '' : alertOf(fault);
    const form = `${alert}<form method="post">
<label>${escapeHtml(say.user)} <input name="user" autocomplete="username" readonly value="${escapeHtml(account.name)}"></label>
<label>${escapeHtml(say.password)} <input name="password" type="password" autocomplete="new-password" required minlength="${MIN_PASSWORD_LENGTH}" maxlength="${MAX_PASSWORD_LENGTH}" aria-describedby="password-hint"></label>
<p id="password-hint" class="hint">${escapeHtml(say.hint)}</p>
<label>${escapeHtml(say.again)} <input name="again" type="password" autocomplete="new-password" required maxlength="${MAX_PASSWORD_LENGTH}"></label>
<button type="submit">${escapeHtml(say.submit)}</button>
</form>`;
    answer(exchange, status, writePage(texts, say.title, form));
  }

  async #take(exchange: Exchange, form: URLSearchParams): Promise<void> {
    const { desk, audit } = this.#deps;
    const address = remoteAddress(exchange.request);
    const account = desk.store.invited(exchange.token);
    const password = form.get('password') ?? '';
    const { texts } = exchange;
    const { invitation: say } = texts;
    if (account === undefined) {
      this.#show(exchange, 400);
      return;
    }
    const fault = passwordFault(account.name, password)?.type;
    if (fault !== undefined || password !== form.get('again')) {
      this.#show(exchange, 400, fault === undefined ? say.differ : say.fault[fault]);
      return;
    }
    const keys = await keysOfPassword(desk.derivations, password, addressKey(address));
    if (keys === undefined) {
      this.#show(exchange, 503, say.busy);
      return;
    }
    const name = desk.store.useInvitation(exchange.token, keys);
    if (name === undefined) {
      this.#show(exchange, 404);
      return;
    }
    audit.record({ event: 'account.password', actor: name, address, target: name });
    const done = `<p>${escapeHtml(say.youAre(name))}</p>${homeButton(say.home)}`;
    answer(exchange, 200, writePage(texts, say.done, done));
  }
}

function homeButton(label: string): string {
  return `<p><a class="button" href="/">${escapeHtml(label)}</a></p>`;
}

type Problem = 'wrongMethod' | 'tooMany' | 'broken' | 'used' | 'tooLong';

function answerProblem(exchange: Exchange, status: number, problem: Problem): void {
  const { texts } = exchange;
  const { invitation: say } = texts;
  const home = problem === 'used' ? homeButton(say.home) : '';
  answer(exchange, status, writePage(texts, say.failed, `${alertOf(say[problem])}${home}`));
}

function answer({ request, response }: Exchange, status: number, html: string): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(html));
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : html);
}
