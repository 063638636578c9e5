/** What the URL of an XMPP WebSocket or of a BOSH request says (docs: protocol, query parameters). */
import type { IncomingMessage } from 'node:http';

export interface StreamParameters {
  readonly room?: string;
  readonly previd?: string;
  readonly token?: string;
  readonly remoteAddress: string;
}

const MAX_TOKEN_LENGTH = 12_288;

const MAX_PARAMETER_LENGTH: Readonly<Record<string, number>> = {
  room: 1024,
  previd: 128,
  token: MAX_TOKEN_LENGTH,
};

/** Undefined when a parameter is too long. */
export function streamParameters(url: URL, request: IncomingMessage): StreamParameters | undefined {
  const parameters: Record<string, string> = {};
  for (const [name, maxLength] of Object.entries(MAX_PARAMETER_LENGTH)) {
    const value = url.searchParams.get(name);
    if (value === null || value === '') continue;
    if (value.length > maxLength) return undefined;
    parameters[name] = value;
  }
  const token = parameters.token ?? bearerToken(request);
  return {
    ...parameters,
    ...(token !== undefined && { token }),
    remoteAddress: remoteAddress(request),
  };
}

/** RFC 6750 §2.1; undefined when there is none, or when it is too long for one. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const [, token = ''] =
    /^Bearer +([\w.~+/=-]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return token === '' || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}

/** IPv4 clients of a dual-stack socket show as `::ffff:192.0.2.1`. */
export function remoteAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d)/, '');
}
