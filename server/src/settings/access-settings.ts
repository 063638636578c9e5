/** Settings of log-ins: which way, guests, tokens. Those of a directory and of OpenID Connect are beside this file. */
import { url } from './address-kinds.ts';
import { choice, choices, duration, flag, integer, secret, text, textList } from './value-kinds.ts';

const group = 'Who may enter';

export const ACCESS_SETTINGS = {
  ENABLE_AUTH: flag({
    group,
    default: false,
    sentence: 'Only those may enter whom AUTH_TYPE accepts; otherwise everybody may.',
  }),
  AUTH_TYPE: choices({
    group,
    default: 'internal',
    values: ['internal', 'jwt', 'ldap', 'oidc', 'matrix', 'hybrid_matrix_token'],
    sentence:
      'How people prove who they are when ENABLE_AUTH is on: internal for accounts of this server (conclave user add), jwt for tokens, ldap for a directory, oidc for OpenID Connect. Several may be on, such as internal,jwt.',
  }),
  ENABLE_GUESTS: flag({
    group,
    default: false,
    sentence:
      'People who do not log in may enter rooms that somebody who did has opened; they wait until then.',
  }),
  JICOFO_ENABLE_AUTH: flag({
    group,
    default: true,
    sentence:
      'With ENABLE_GUESTS: guests wait for somebody who logged in; off, they may start meetings too.',
  }),
  JICOFO_AUTH_LIFETIME: duration({
    group,
    default: '24 hours',
    sentence:
      'How long a browser in which somebody logged in counts as logged in when it comes back as a guest.',
  }),
  LOGIN_MAX_FAILURES: integer({
    group,
    default: 5,
    min: 1,
    max: 1000,
    sentence:
      'Wrong passwords for one account from one address after which log-ins are refused for five minutes.',
  }),
  LOGIN_MAX_FAILURES_PER_ADDRESS: integer({
    group,
    default: 50,
    min: 0,
    max: 1000000,
    zero: 'for no limit',
    sentence:
      'The same from one address for whatever account; a reverse proxy on another machine has to be in PROSODY_TRUSTED_PROXIES, or everyone has its address.',
  }),
  ENABLE_SCRAM_SHA_1: flag({
    group,
    default: false,
    sentence:
      'Also offer SCRAM-SHA-1, for XMPP clients that know neither SCRAM-SHA-256 nor PLAIN; Jitsi clients then need many seconds to log in.',
  }),
  JWT_APP_ID: text({
    group,
    sentence: 'Name of the application that signs tokens; the issuer they must name.',
  }),
  JWT_APP_SECRET: secret({
    group,
    sentence: 'Secret shared with that application (HS256, HS384 and HS512).',
  }),
  JWT_APP_SECRET_PREVIOUS: secret({
    group,
    sentence: 'Secret that is also accepted, while JWT_APP_SECRET is being replaced.',
  }),
  JWT_ASAP_KEYSERVER: url({
    group,
    sentence:
      'Folder of public keys, one file SHA-256(kid).pem for each, for tokens signed with RS, PS, ES or EdDSA.',
  }),
  JWT_JWKS_URL: url({
    group,
    sentence: 'Or one document with all public keys: a JWKS, or a JSON map of kid to certificate.',
  }),
  JWT_ACCEPTED_ISSUERS: textList({
    group,
    sentence: 'Issuers accepted instead of JWT_APP_ID; * at the end stands for any ending.',
  }),
  JWT_ACCEPTED_AUDIENCES: textList({
    group,
    sentence: 'Audiences of which a token must name one; every one when empty.',
  }),
  JWT_ALLOW_EMPTY: flag({
    group,
    default: false,
    sentence: 'People without a token may enter too, as guests; a wrong token is still refused.',
  }),
  JWT_ENABLE_DOMAIN_VERIFICATION: flag({
    group,
    default: false,
    sentence:
      "The token's sub must be the tenant of the room, or XMPP_DOMAIN for rooms without one.",
  }),
  JWT_SIGN_TYPE: choice({
    group,
    default: 'any',
    values: [
      'any',
      ...['hs256', 'hs384', 'hs512', 'rs256', 'rs384', 'rs512', 'ps256', 'ps384', 'ps512'],
      ...['es256', 'es384', 'es512', 'eddsa'],
    ],
    sentence: 'The only way in which tokens may be signed; any that there is a secret or key for.',
  }),
  JWT_LEEWAY: integer({
    group,
    default: 10,
    min: 0,
    max: 600,
    unit: 'of seconds',
    sentence: 'How far the clock of the application may differ from ours.',
  }),
  TOKEN_AUTH_URL: text({
    group,
    sentence:
      'Page to which clients without a token are sent, with {room} and {state}; it sends them back with ?jwt=.',
  }),
} as const;
