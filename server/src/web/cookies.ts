/** Cookies (RFC 6265) of the log-in: out of reach of scripts, and bound to this host where HTTPS is. */
import type { IncomingMessage } from 'node:http';

export interface CookieOptions {
  /** Undefined: until the browser ends; 0 removes it. */
  readonly maxAgeS?: number;
  readonly isSecure: boolean;
}

/** The name that browsers hold to its promises (RFC 6265bis §4.1.3.2), where there is HTTPS. */
function nameOf(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name;
}

/** `value` must not need quoting; ours are base64url. */
export function writeCookie(name: string, value: string, options: CookieOptions): string {
  return [
    `${nameOf(name, options.isSecure)}=${value}`,
    'Path=/',
    'HttpOnly',
    // Lax: a provider leads back by a link.
    'SameSite=Lax',
    ...(options.isSecure ? ['Secure'] : []),
    ...(options.maxAgeS === undefined ? [] : [`Max-Age=${options.maxAgeS}`]),
  ].join('; ');
}

export function readCookie(
  request: IncomingMessage,
  name: string,
  isSecure: boolean,
): string | undefined {
  const wanted = `${nameOf(name, isSecure)}=`;
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const text = part.trim();
    if (text.startsWith(wanted)) return text.slice(wanted.length);
  }
  return undefined;
}
