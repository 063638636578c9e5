/** One request of the log-in and its answer: what all of its pages need. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { roomReturnPath, type SessionHolder, safeReturnPath } from '@conclave/access';
import type { ClientAddress } from './client-address.ts';
import { writeProblemPage } from './log-in-page.ts';
import type { PageTexts } from './pages/page-texts.ts';
import { readBody } from './read-body.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly address: ClientAddress;
  readonly isSecure: boolean;
  /** In the language of whoever asks. */
  readonly texts: PageTexts;
}

/** Hands a token to whoever has proved who it is. */
export type Welcome = (
  exchange: Exchange,
  holder: SessionHolder,
  to: ReturnTo,
  method: 'oidc' | 'password',
) => Promise<void>;

export interface ReturnTo {
  readonly returnPath: string;
  readonly isPopup: boolean;
}

const MAX_FORM_BYTES = 8 * 1024;

export const TEXT = 'text/plain; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** Where the log-in leads back to. */
export function returnPathOf(parameters: URLSearchParams): string {
  const wanted = parameters.get('return');
  return wanted === null
    ? roomReturnPath(parameters.get('room'), parameters.get('state'))
    : safeReturnPath(wanted);
}

/** Answers and returns false when the request does not come from a page of this server. */
export function isSameOrigin(exchange: Exchange): boolean {
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

/** The form's text; undefined when the request was answered with a refusal. */
export async function readForm(exchange: Exchange): Promise<string | undefined> {
  if (!isSameOrigin(exchange)) return undefined;
  const text = await readBody(exchange.request, MAX_FORM_BYTES);
  if (text === undefined) {
    exchange.response.setHeader('Connection', 'close');
    answer(exchange, 413, TEXT, 'The form is too long.\n');
  }
  return text;
}

export function redirect(exchange: Exchange, location: string): void {
  exchange.response.setHeader('Location', location);
  answer(exchange, 303, TEXT, '');
}

export function answerProblem(
  exchange: Exchange,
  status: number,
  problem: keyof PageTexts['problem'],
  retryUrl?: string,
): void {
  const { texts } = exchange;
  const page = writeProblemPage(texts, {
    problem: texts.problem[problem],
    ...(retryUrl !== undefined && { retryUrl }),
  });
  answer(exchange, status, HTML, page);
}

export function answer(
  { request, response }: Exchange,
  status: number,
  type: string,
  body: string,
): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : body);
}
