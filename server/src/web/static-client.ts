/** The built web client: hashed assets for ever, everything else revalidated, one page for all rooms. */
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sha256Hex } from '@conclave/platform/crypto';
import { StartError } from '../errors.ts';
import { StaticFiles } from './static-files.ts';

export interface StaticClient {
  /** Answers when `path` (decoded) is a file of the client; else calls `otherwise`. */
  serveFile(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    otherwise: () => void,
  ): void;
  /** Answers with the page that every room shows. */
  servePage(request: IncomingMessage, response: ServerResponse): void;
}

interface Encoding {
  readonly name: 'br' | 'gzip';
  readonly body: Buffer;
}

/** `folder` is the output of the client's build. Throws StartError `WEB_CLIENT_MISSING`. */
export function loadStaticClient(folder: string): StaticClient {
  const indexPath = join(folder, 'index.html');
  if (!existsSync(indexPath)) {
    throw new StartError(
      'WEB_CLIENT_MISSING',
      `the web client is missing: there is no ${indexPath}. Run "npm run build".`,
    );
  }
  const page = readFileSync(indexPath);
  const etag = `"${sha256Hex(page).slice(0, 32)}"`;
  const encodings: Encoding[] = [];
  for (const [name, suffix] of [
    ['br', 'br'],
    ['gzip', 'gz'],
  ] as const) {
    const path = `${indexPath}.${suffix}`;
    if (existsSync(path)) encodings.push({ name, body: readFileSync(path) });
  }
  const files = new StaticFiles(folder, { immutablePrefix: '/assets/' });

  return {
    serveFile: (path, request, response, otherwise) =>
      files.serve(path, request, response, otherwise),
    servePage(request, response) {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('ETag', etag);
      response.setHeader('Vary', 'Accept-Encoding');
      if (request.headers['if-none-match'] === etag) {
        response.writeHead(304).end();
        return;
      }
      const accepted = String(request.headers['accept-encoding'] ?? '');
      const encoding = encodings.find(({ name }) => accepted.includes(name));
      if (encoding !== undefined) response.setHeader('Content-Encoding', encoding.name);
      const body = encoding?.body ?? page;
      response.setHeader('Content-Length', body.length);
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
    },
  };
}
