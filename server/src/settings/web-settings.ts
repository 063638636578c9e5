/** Settings of the HTTP and HTTPS ports. */
import { ipAddress, origin, rangeList } from './address-kinds.ts';
import { flag, integer, port } from './value-kinds.ts';

const group = 'Web server';

export const WEB_SETTINGS = {
  PUBLIC_URL: origin({
    group,
    sentence:
      'Where clients reach this server from outside; without it each client gets the address it used itself.',
  }),
  LISTEN_ADDRESS: ipAddress({
    group,
    default: '::',
    sentence: 'Address of this machine on which HTTP and HTTPS listen; :: is all, IPv4 and IPv6.',
  }),
  HTTPS_PORT: port({ group, default: 8443, sentence: 'TCP port for HTTPS.' }),
  HTTP_PORT: port({ group, default: 8000, sentence: 'TCP port for plain HTTP.' }),
  DISABLE_HTTPS: flag({
    group,
    default: false,
    sentence: 'No HTTPS: for a reverse proxy that has the certificate; set PUBLIC_URL as well.',
  }),
  ENABLE_HTTP_REDIRECT: flag({
    group,
    default: true,
    sentence: 'The HTTP port only redirects to HTTPS; without HTTPS it always serves everything.',
  }),
  ENABLE_HSTS: flag({
    group,
    default: true,
    sentence:
      'Tells browsers to use HTTPS only from now on; never sent with the self-signed certificate.',
  }),
  PROSODY_TRUSTED_PROXIES: rangeList({
    group,
    default: '127.0.0.1,::1',
    sentence:
      'Reverse proxies whose X-Forwarded-For says where a client is: for the audit log, locks, bans and limits of log-ins.',
  }),
  WEB_MAX_CONNECTIONS: integer({
    group,
    default: 20000,
    min: 10,
    max: 1000000,
    sentence: 'TCP connections to the web server at a time.',
  }),
  WEB_MAX_CONNECTIONS_PER_ADDRESS: integer({
    group,
    default: 500,
    min: 0,
    max: 1000000,
    zero: 'for no limit',
    sentence:
      'The same from one address (IPv6: one /64); behind a reverse proxy everyone has the address of the proxy, so set 0.',
  }),
} as const;
