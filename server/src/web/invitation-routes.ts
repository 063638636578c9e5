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
import { escapeHtml, writePage } from './log-in-page.ts';
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
    const exchange = { request, response, token };
    if (request.method === 'POST') this.#begin(exchange);
    else if (request.method === 'GET' || request.method === 'HEAD') this.#show(exchange, 200);
    else {
      response.setHeader('Allow', 'GET, HEAD, POST');
      response.setHeader('Connection', 'close');
      answer(exchange, 405, problem('This address is not for that.'));
    }
    return true;
  }

  #begin(exchange: Exchange): void {
    if (this.#running >= MAX_AT_A_TIME) {
      exchange.response.setHeader('Connection', 'close');
      answer(exchange, 503, problem('Too many people are doing this just now. Try again soon.'));
      return;
    }
    this.#running++;
    this.#take(exchange)
      .catch((error: unknown) => {
        this.#deps.logger.error('web.invitation.failed', { error });
        answer(exchange, 500, problem('Something went wrong on the server.'));
      })
      .finally(() => this.#running--);
  }

  #show(exchange: Exchange, status: number, fault?: string): void {
    const account = this.#deps.desk.store.invited(exchange.token);
    if (account === undefined) {
      answer(
        exchange,
        404,
        problem(
          'This invitation was used already, has run out, or was replaced by a newer one. Ask the person who sent it for another.',
        ),
      );
      return;
    }
    const alert =
      fault === undefined ? '' : `<p role="alert" class="error">${escapeHtml(fault)}</p>`;
    const form = `${alert}<form method="post">
<label>User name <input name="user" autocomplete="username" readonly value="${escapeHtml(account.name)}"></label>
<label>New password <input name="password" type="password" autocomplete="new-password" required minlength="${MIN_PASSWORD_LENGTH}" maxlength="${MAX_PASSWORD_LENGTH}" aria-describedby="password-hint"></label>
<p id="password-hint" class="hint">At least ${MIN_PASSWORD_LENGTH} characters. A few words that only you would put together are good.</p>
<label>The same again <input name="again" type="password" autocomplete="new-password" required maxlength="${MAX_PASSWORD_LENGTH}"></label>
<button type="submit">Set the password</button>
</form>`;
    answer(exchange, status, writePage('Set your password', form));
  }

  async #take(exchange: Exchange): Promise<void> {
    const { desk, audit } = this.#deps;
    const address = remoteAddress(exchange.request);
    const text = await readBody(exchange.request, MAX_FORM_BYTES);
    if (text === undefined) {
      exchange.response.setHeader('Connection', 'close');
      answer(exchange, 413, problem('The form is too long.'));
      return;
    }
    const account = desk.store.invited(exchange.token);
    const form = new URLSearchParams(text);
    const password = form.get('password') ?? '';
    const fault =
      account === undefined
        ? undefined
        : password === form.get('again')
          ? passwordFault(account.name, password)
          : 'the two passwords differ';
    if (account === undefined || fault !== undefined) {
      this.#show(exchange, 400, fault === undefined ? undefined : sentence(fault));
      return;
    }
    const keys = await keysOfPassword(desk.derivations, password, addressKey(address));
    if (keys === undefined) {
      this.#show(exchange, 503, 'The server is busy. Try again in a moment.');
      return;
    }
    const name = desk.store.useInvitation(exchange.token, keys);
    if (name === undefined) {
      this.#show(exchange, 404);
      return;
    }
    audit.record({ event: 'account.password', actor: name, address, target: name });
    const done = `<p>You can log in as <strong>${escapeHtml(name)}</strong> now.</p><p><a class="button" href="/">Go to the start page</a></p>`;
    answer(exchange, 200, writePage('Your password is set', done));
  }
}

function sentence(fault: string): string {
  return `${fault.slice(0, 1).toUpperCase()}${fault.slice(1)}.`;
}

function problem(text: string): string {
  return writePage('That did not work', `<p role="alert" class="error">${escapeHtml(text)}</p>`);
}

function answer({ request, response }: Exchange, status: number, html: string): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(html));
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : html);
}
