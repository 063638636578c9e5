/** Headers that every answer carries (CSP level 3, RFC 6797). */
import type { ServerResponse } from 'node:http';

export interface SecurityHeaderOptions {
  /** Only with a certificate that browsers trust: otherwise HSTS would lock people out. */
  readonly hsts: boolean;
}

/** A year, as the HSTS preload list wants it. */
const HSTS_MAX_AGE_S = 31_536_000;

/**
 * No inline scripts, nothing from elsewhere, nothing made up while running. Framing by
 * other sites is off until the iframe API exists; it is then one line here.
 */
function contentSecurityPolicy(webSocketOrigin: string | undefined): string {
  const connect = webSocketOrigin === undefined ? "'self'" : `'self' ${webSocketOrigin}`;
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    // What the call shows and plays comes as streams, which have no address.
    "media-src 'none'",
    "worker-src 'none'",
    `connect-src ${connect}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
}

export function setSecurityHeaders(
  response: ServerResponse,
  options: SecurityHeaderOptions,
  webSocketOrigin: string | undefined,
): void {
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(webSocketOrigin));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader(
    'Permissions-Policy',
    'camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()',
  );
  // A log-in in a pop-up goes through the provider and must find back to the page that opened it.
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin-allow-popups');
  if (options.hsts) {
    response.setHeader('Strict-Transport-Security', `max-age=${HSTS_MAX_AGE_S}`);
  }
}
