/** What the HTTP port does beside HTTPS: sends everyone there (RFC 9110 §15.4.9). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readHost, withoutPort } from './request-host.ts';

export interface RedirectOptions {
  readonly publicUrl: URL | undefined;
  readonly httpsPort: number;
}

const DEFAULT_HTTPS_PORT = 443;

export function createRedirect(
  options: RedirectOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const location = redirectLocation(options, request.headers.host, request.url);
    if (location === undefined) response.writeHead(400, { 'Content-Length': 0 }).end();
    else response.writeHead(307, { Location: location, 'Content-Length': 0 }).end();
  };
}

/** Undefined when the client does not say which host it means. */
export function redirectLocation(
  { publicUrl, httpsPort }: RedirectOptions,
  hostHeader: string | undefined,
  url: string | undefined,
): string | undefined {
  let origin: string;
  if (publicUrl?.protocol === 'https:') {
    origin = publicUrl.origin;
  } else {
    const host = readHost(hostHeader);
    if (host === undefined) return undefined;
    const port = httpsPort === DEFAULT_HTTPS_PORT ? '' : `:${httpsPort}`;
    origin = `https://${withoutPort(host)}${port}`;
  }
  // A target that is not a path (`//other.example`, `http://…`) must not choose the host.
  const path = url?.startsWith('/') && !url.startsWith('//') ? url : '/';
  return `${origin}${path}`;
}
