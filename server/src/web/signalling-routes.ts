/**
 * Signalling over plain HTTP: BOSH (XEP-0124, `/http-bind`) and the conference request
 * (`/conference-request/v1`). Both take POSTs from pages of any origin, as the XMPP WebSocket does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@conclave/base';
import type { RequestConference } from '../conference-gate.ts';
import type { ClientAddress } from './client-address.ts';
import { readBody } from './read-body.ts';
import { remoteAddress } from './remote-address.ts';
import { bearerToken, type StreamParameters, streamParameters } from './stream-parameters.ts';

export interface SignallingRouteDependencies {
  /** `respond` is called once, perhaps a minute later. */
  handleBosh(
    text: string,
    parameters: StreamParameters,
    address: ClientAddress,
    respond: (text: string) => void,
  ): void;
  /** May reject: whoever checks log-ins may be in trouble. */
  readonly requestConference: RequestConference;
}

const PATH = /^(?:\/[^/]+)?\/(http-bind|conference-request\/v1)$/;
/** Bytes; a BOSH body can hold a long Jingle stanza. */
const MAX_BODY_BYTES = 512 * 1024;

const TEXT = 'text/plain; charset=utf-8';

/** Whether the request was one of these. `isSecure` as `isSecureFor` says. */
export function routeSignalling(
  deps: SignallingRouteDependencies & { readonly logger: Logger },
  address: ClientAddress,
  request: IncomingMessage,
  response: ServerResponse,
  isSecure: boolean,
): boolean {
  const target = request.url ?? '';
  const url = URL.canParse(target, 'http://host') ? new URL(target, 'http://host') : undefined;
  const name = url && PATH.exec(url.pathname)?.[1];
  if (url === undefined || name === undefined) return false;
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'OPTIONS') {
    response.setHeader('Access-Control-Allow-Methods', 'POST, OPTIONS');
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Authorization');
    response.setHeader('Access-Control-Max-Age', '86400');
    response.writeHead(204).end();
    return true;
  }
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST, OPTIONS');
    answer(response, 405, TEXT, 'This address is for POST.\n');
    return true;
  }
  const work = name === 'http-bind' ? answerBosh : answerConference;
  readBody(request, MAX_BODY_BYTES)
    .then((text) => {
      if (text !== undefined)
        return work(deps, { request, response, url, address, isSecure }, text);
      response.setHeader('Connection', 'close');
      answer(response, 413, TEXT, 'The body is too long.\n');
    })
    .catch((error: unknown) => {
      deps.logger.error('web.signalling.failed', { path: url.pathname, error });
      answer(response, 500, TEXT, 'Internal error.\n');
    });
  return true;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly address: ClientAddress;
  readonly isSecure: boolean;
}

function answerBosh(
  deps: SignallingRouteDependencies,
  { request, response, url, address, isSecure }: Exchange,
  text: string,
): void {
  const parameters = streamParameters(url, request, isSecure);
  if (parameters === undefined) {
    answer(response, 400, TEXT, 'A parameter is too long.\n');
    return;
  }
  deps.handleBosh(text, parameters, address, (body) =>
    answer(response, 200, 'text/xml; charset=utf-8', body),
  );
}

async function answerConference(
  deps: SignallingRouteDependencies,
  { request, response }: Exchange,
  text: string,
): Promise<void> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    answer(response, 400, TEXT, 'The body is not JSON.\n');
    return;
  }
  const token = bearerToken(request);
  const { status, json } = await deps.requestConference(body, remoteAddress(request), token);
  answer(response, status, 'application/json; charset=utf-8', JSON.stringify(json));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.writeHead(status).end(body);
}
