/** What the URL of an XMPP WebSocket or of a BOSH request says (docs: protocol, query parameters). */
import type { IncomingMessage } from 'node:http';
import type { Settings } from '../settings/index.ts';
import { remoteAddress } from './remote-address.ts';

export interface StreamParameters {
  readonly room?: string;
  readonly previd?: string;
  readonly token?: string;
  readonly customusername?: string;
  readonly remoteAddress: string;
  /** Nobody on the way can listen. */
  readonly isSecure: boolean;
}

const MAX_TOKEN_LENGTH = 12_288;

const MAX_PARAMETER_LENGTH: Readonly<Record<string, number>> = {
  room: 1024,
  previd: 128,
  customusername: 64,
  token: MAX_TOKEN_LENGTH,
};

/** `isSecure` as `isSecureFor` says. Undefined when a parameter is too long. */
export function streamParameters(
  url: URL,
  request: IncomingMessage,
  isSecure: boolean,
): StreamParameters | undefined {
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
    isSecure,
  };
}

/** Whether what comes over a listener came through TLS: its own, or that of the reverse proxy before it. */
export function isSecureFor(
  settings: Pick<Settings, 'DISABLE_HTTPS' | 'PUBLIC_URL'>,
  isTlsListener: boolean,
): boolean {
  return isTlsListener || (settings.DISABLE_HTTPS && settings.PUBLIC_URL?.protocol === 'https:');
}

/** RFC 6750 §2.1; undefined when there is none, or when it is too long for one. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const [, token = ''] =
    /^Bearer +([\w.~+/=-]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return token === '' || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}
