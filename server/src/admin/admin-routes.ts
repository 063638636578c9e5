/**
 * The admin API over HTTP: the secret, then the operation by method and path, then its body. Every
 * refusal is a problem document (RFC 9457); every call that changes something is in the audit log.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type AuditLog, type Clock, type Logger, TokenBucket } from '@conclave/base';
import { parseJid, roomFromNode } from '@conclave/protocols/xmpp';
import { openApi } from './openapi.ts';
import { type AdminTarget, type Operation, Refusal } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { readBody } from './read-body.ts';
import { SchemaError } from './schema.ts';

export interface AdminDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly target: AdminTarget;
  /** What callers must know. */
  readonly secret: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const STATUS_TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

const MAX_URL_LENGTH = 4096;
/** Guesses of the secret: this many at once, and one more a second. */
const MAX_GUESSES = 20;

interface Match {
  readonly operation: Operation;
  readonly room: string | undefined;
  readonly occupant: string;
  readonly query: URLSearchParams;
}

export class AdminRoutes {
  readonly #deps: AdminDependencies;
  readonly #secretDigest: Buffer;
  readonly #guesses: TokenBucket;

  constructor(deps: AdminDependencies) {
    this.#deps = deps;
    this.#secretDigest = digest(deps.secret);
    this.#guesses = new TokenBucket(1, MAX_GUESSES, deps.clock.nowMs());
  }

  /** Undefined when the path is not one of the API. */
  answer(request: IncomingMessage): Promise<AdminAnswer> | undefined {
    const { url = '' } = request;
    const path = url.split('?', 1)[0] ?? '';
    const isOurs = path.startsWith('/v1/') || OPERATIONS.some((known) => known.path === path);
    return isOurs ? this.#answer(request, path) : undefined;
  }

  async #answer(request: IncomingMessage, path: string): Promise<AdminAnswer> {
    try {
      this.#authenticate(request);
      if (path === '/v1/openapi.json' && request.method === 'GET') return json(200, openApi());
      return json(200, await this.#run(request, path));
    } catch (error) {
      if (error instanceof Refusal) return problem(error.status, error.message);
      if (error instanceof SchemaError) return problem(400, error.message);
      this.#deps.logger.error('admin.request.failed', { error });
      return problem(500, 'It failed; the log of the server says why.');
    }
  }

  #authenticate(request: IncomingMessage): void {
    const [, given] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), this.#secretDigest)) return;
    const address = request.socket.remoteAddress ?? '';
    if (!this.#guesses.tryTake(1, this.#deps.clock.nowMs())) {
      throw new Refusal(429, 'Too many wrong secrets; wait a second.');
    }
    if (given !== undefined) this.#deps.audit.record({ event: 'admin.refused', address });
    throw new Refusal(401, 'Send "Authorization: Bearer" and the secret in CONFIG/admin-token.');
  }

  async #run(request: IncomingMessage, path: string): Promise<unknown> {
    const { operation, room, occupant, query } = find(request, path, this.#deps.target.mucDomain);
    if (room === undefined) throw new Refusal(404, 'There is no such room now.');
    const body =
      operation.body === undefined
        ? undefined
        : operation.body.read(await readBody(request), 'the body');
    const result = operation.run(this.#deps.target, { room, occupant, query, body });
    if (operation.method !== 'GET') {
      this.#deps.audit.record({
        event: 'admin.call',
        actor: 'admin-api',
        address: request.socket.remoteAddress ?? '',
        value: operation.id,
        room,
        ...(occupant !== '' && { target: occupant }),
      });
    }
    return result;
  }
}

/** Throws Refusal when there is no such operation. `room` is undefined when its name is no name. */
function find(request: IncomingMessage, path: string, mucDomain: string): Match {
  const { url = '', method = '' } = request;
  if (url.length > MAX_URL_LENGTH) throw new Refusal(400, 'The URL is too long.');
  const matches = OPERATIONS.flatMap((operation) => {
    const found = matchPath(operation.path, path);
    return found === undefined ? [] : [{ operation, found }];
  });
  const match = matches.find(({ operation }) => operation.method === method);
  if (match === undefined) {
    if (matches.length === 0) throw new Refusal(404, 'There is no such operation.');
    const allowed = matches.map(({ operation }) => operation.method).join(', ');
    throw new Refusal(405, `Possible here: ${allowed}.`);
  }
  const { operation, found } = match;
  const query = new URLSearchParams(url.slice(path.length + 1));
  const parameter = operation.roomInQuery;
  const name = parameter === undefined ? found.get('room') : roomInQuery(query, parameter);
  return {
    operation,
    room: name === undefined ? '' : roomJid(name, mucDomain),
    occupant: found.get('occupant') ?? '',
    query,
  };
}

/** The parts that stand for something, decoded; undefined when `path` does not fit. */
function matchPath(template: string, path: string): Map<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const found = new Map<string, string>();
  for (const [index, part] of wanted.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    const value = given[index] ?? '';
    if (name === undefined) {
      if (value !== part) return undefined;
      continue;
    }
    try {
      found.set(name, decodeURIComponent(value));
    } catch {
      return undefined;
    }
  }
  return found;
}

/** With Prosody's `subdomain`, or `prefix` in newer modules of Jitsi, the tenant of the room. */
function roomInQuery(query: URLSearchParams, parameter: string): string {
  const tenant = query.get('subdomain') ?? query.get('prefix') ?? '';
  const name = query.get(parameter) ?? '';
  return tenant === '' ? name : `[${tenant}]${name}`;
}

/** Of a JID, of a name, or of a name with its tenant (`[acme]daily`). */
function roomJid(name: string, mucDomain: string): string | undefined {
  const jid = parseJid(name.includes('@') ? name : `${name}@${mucDomain}`);
  if (jid === undefined || jid.node === '' || jid.resource !== '') return undefined;
  return jid.domain === mucDomain ? roomFromNode(jid.node, mucDomain).bare : jid.bare;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function json(status: number, value: unknown): AdminAnswer {
  const body = `${JSON.stringify(value)}\n`;
  return { status, type: 'application/json; charset=utf-8', body, headers: {} };
}

function problem(status: number, detail: string): AdminAnswer {
  const title = STATUS_TITLES[status] ?? 'Error';
  const headers: Record<string, string> = {
    // What is left of the body is not read.
    Connection: 'close',
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
  };
  const body = `${JSON.stringify({ title, status, detail })}\n`;
  return { status, type: 'application/problem+json', body, headers };
}
