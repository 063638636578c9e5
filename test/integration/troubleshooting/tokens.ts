/** Tokens: settings that are wrong, and tokens that are refused. */
import { type Section, wrong } from './wrong-configuration.ts';

const JWT = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'jwt',
  JWT_APP_ID: 'portal',
  JWT_APP_SECRET: 'a secret of the portal, long enough',
};

export const TOKEN_SETTINGS: Section = {
  title: 'Tokens (JWT)',
  shownBy: 'the start, which stops',
  settings: JWT,
  entries: [
    wrong('Passwords in two places', 'AUTH_TYPE', 'expected one place where passwords are', {
      AUTH_TYPE: 'internal,ldap',
    }),
    wrong('No issuer', 'JWT_APP_ID', 'expected the issuer that tokens must name', {
      JWT_APP_ID: '',
    }),
    wrong(
      'Nothing to verify tokens with',
      'JWT_APP_SECRET',
      'without anything to verify tokens with',
      { JWT_APP_SECRET: '' },
    ),
    wrong('A key server without https://', 'JWT_ASAP_KEYSERVER', 'expected a complete URL', {
      JWT_ASAP_KEYSERVER: 'keys.example.com',
    }),
    wrong('A JWKS without https://', 'JWT_JWKS_URL', 'expected a complete URL', {
      JWT_JWKS_URL: '/jwks.json',
    }),
    wrong('Words instead of seconds', 'JWT_LEEWAY', 'expected a whole number of seconds', {
      JWT_LEEWAY: 'ten',
    }),
    wrong(
      'Audiences with spaces',
      'JWT_ACCEPTED_AUDIENCES',
      'expected texts without spaces, separated by commas',
      { JWT_ACCEPTED_AUDIENCES: 'one two' },
    ),
  ],
};

export const REFUSED_TOKENS: Section = {
  title: 'Tokens that are refused',
  shownBy: 'the log when somebody logs in',
  settings: JWT,
  entries: [
    wrong('No token', 'JWT_ALLOW_EMPTY', 'JWT_ALLOW_EMPTY=1 would let guests in', { token: '' }),
    wrong(
      'Signed with another secret',
      'JWT_APP_SECRET',
      'Use the same secret there and in JWT_APP_SECRET',
      { tokenSecret: 'another secret' },
    ),
    wrong(
      'For another audience',
      'JWT_ACCEPTED_AUDIENCES',
      'Add what the application writes into aud',
      { JWT_ACCEPTED_AUDIENCES: 'school', tokenAud: 'portal' },
    ),
    wrong('From another issuer', 'JWT_APP_ID', 'Let the application write JWT_APP_ID into iss', {
      tokenIss: 'intranet',
    }),
    wrong(
      "The application's clock is ten minutes slow",
      'JWT_LEEWAY',
      'set the clocks of both machines right',
      { tokenExp: '-300' },
    ),
    wrong(
      "The application's clock is ten minutes fast",
      'JWT_LEEWAY',
      'Set the clocks of the application and of this machine right',
      { tokenNbf: '600' },
    ),
    wrong(
      'Signed with a key, while only a secret is set',
      'JWT_ASAP_KEYSERVER',
      'RS256 and the like need a kid',
      { tokenAlg: 'ES256' },
    ),
    wrong('A key server that is down', 'JWT_ASAP_KEYSERVER', 'Look after JWT_ASAP_KEYSERVER', {
      JWT_APP_SECRET: '',
      JWT_ASAP_KEYSERVER: 'http://localhost:{closedPort}',
      tokenAlg: 'ES256',
    }),
    wrong('No room in the token', 'room', 'Let the application write the name of the room', {
      tokenRoom: '',
    }),
    wrong(
      'No tenant in the token',
      'JWT_ENABLE_DOMAIN_VERIFICATION',
      'Let the application write the tenant',
      { JWT_ENABLE_DOMAIN_VERIFICATION: '1' },
    ),
  ],
};
