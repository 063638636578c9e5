/** Settings that have nothing to do with log-ins, and the machine. */
import { type Section, wrong } from './wrong-configuration.ts';

const JWT = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'jwt',
  JWT_APP_ID: 'portal',
  JWT_APP_SECRET: 'a secret of the portal, long enough',
};

const LDAP = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'ldap',
  LDAP_URL: 'ldap://ldap.example.com',
  LDAP_START_TLS: '1',
};

export const GENERAL: Section = {
  title: 'Settings in general',
  shownBy: 'the start, which stops',
  settings: {},
  entries: [
    wrong('A port that does not exist', 'HTTPS_PORT', 'expected a port number from 1 to 65535', {
      HTTPS_PORT: '80443',
    }),
    wrong('The same port twice', 'HTTP_PORT', 'expected two ports', {
      HTTPS_PORT: '8443',
      HTTP_PORT: '8443',
    }),
    wrong(
      'A path in the public address',
      'PUBLIC_URL',
      'a URL with scheme and host and nothing after it',
      { PUBLIC_URL: 'https://example.com/meet' },
    ),
    wrong('A name as listening address', 'LISTEN_ADDRESS', 'expected an IPv4 or IPv6 address', {
      LISTEN_ADDRESS: 'localhost',
    }),
    wrong('A name as advertised address', 'JVB_ADVERTISE_IPS', 'IP addresses', {
      JVB_ADVERTISE_IPS: 'meet.example.com',
    }),
    wrong('The same XMPP domain twice', 'XMPP_MUC_DOMAIN', 'expected different domains', {
      XMPP_MUC_DOMAIN: 'meet.jitsi',
    }),
    wrong(
      'A switch that is neither on nor off',
      'ENABLE_AUTH',
      'expected 1 (or true) to switch it on',
      { ENABLE_AUTH: 'maybe' },
    ),
    wrong(
      'A log level of another program',
      'LOG_LEVEL',
      'expected one of debug, info, warn, error',
      { LOG_LEVEL: 'trace' },
    ),
    wrong('A time zone that does not exist', 'TZ', 'expected a time zone such as', {
      TZ: 'Mars/Olympus',
    }),
    wrong('Conferences for one', 'MAX_PARTICIPANTS', 'expected a whole number, 2 to 10000', {
      MAX_PARTICIPANTS: '1',
    }),
    wrong('A transport that TURN does not have', 'TURN_TRANSPORT', 'expected one of tcp, udp', {
      TURN_TRANSPORT: 'tls',
    }),
    wrong(
      'A log-in that ends at once',
      'LOGIN_LIFETIME',
      'expected a whole number of seconds, 300',
      { LOGIN_LIFETIME: '60' },
    ),
    wrong(
      'A way to log in that does not exist',
      'AUTH_TYPE',
      'expected one of internal, jwt, ldap, oidc',
      { ENABLE_AUTH: '1', AUTH_TYPE: 'saml' },
    ),
  ],
};

export const MACHINE: Section = {
  title: 'The machine',
  shownBy: 'the start, which stops',
  settings: {},
  entries: [
    wrong('The HTTPS port is taken', 'HTTPS_PORT', 'another program already uses TCP port', {
      HTTPS_PORT: '{busyTcpPort}',
    }),
    wrong('The media port is taken', 'JVB_PORT', 'another program already uses UDP port', {
      JVB_PORT: '{busyUdpPort}',
    }),
    wrong("Somebody else's address", 'LISTEN_ADDRESS', 'is not an address of this machine', {
      LISTEN_ADDRESS: '192.0.2.1',
    }),
    wrong('A file where the folder for state should be', '{file}', 'cannot use the folder', {
      CONFIG: '{file}/config',
    }),
    wrong(
      'A key that is not of the certificate',
      'cert.key',
      'the private key does not belong to the certificate',
      {
        CONFIG: '{configWithOtherKey}',
      },
    ),
  ],
};

export const WITHOUT_EFFECT: Section = {
  title: 'Settings that do nothing, or less than they seem to',
  shownBy: 'the log at the start',
  settings: {},
  entries: [
    wrong('A typing error in a name', 'LDAP_FILTER', 'did you mean LDAP_FILTER', {
      LDAP_FILTR: '(uid=%u)',
    }),
    wrong(
      'Tokens, but nobody needs one',
      'ENABLE_AUTH',
      'JWT_APP_ID is set but ENABLE_AUTH is not',
      { JWT_APP_ID: 'portal' },
    ),
    wrong(
      'A directory, but nobody logs in',
      'ENABLE_AUTH',
      'LDAP_URL is set but ENABLE_AUTH is not',
      { LDAP_URL: 'ldaps://ldap.example.com' },
    ),
    wrong(
      'A page to log in on, but nobody needs to',
      'ENABLE_AUTH',
      'TOKEN_AUTH_URL is set but ENABLE_AUTH is not',
      { TOKEN_AUTH_URL: 'https://login.example.com/{room}' },
    ),
    wrong(
      'No HTTPS, and no proxy that has it',
      'PUBLIC_URL',
      'browsers give camera and microphone only to https pages',
      { DISABLE_HTTPS: '1' },
    ),
    wrong(
      'A way to end the server on a port that is not open',
      'SHUTDOWN_REST_ENABLED',
      'there is no private port',
      { SHUTDOWN_REST_ENABLED: '1' },
    ),
    wrong(
      'A secret that can be guessed',
      'JWT_APP_SECRET',
      'JWT_APP_SECRET is shorter than 32 characters',
      { ...JWT, JWT_APP_SECRET: 'secret' },
    ),
    wrong('A directory beside tokens', 'LDAP_URL', 'LDAP_URL has no effect with AUTH_TYPE=jwt', {
      ...JWT,
      LDAP_URL: 'ldaps://ldap.example.com',
    }),
    wrong(
      'Tenants that guests walk into',
      'JWT_ALLOW_EMPTY',
      'lets people without a token into every room',
      { ...JWT, JWT_ALLOW_EMPTY: '1', JWT_ENABLE_DOMAIN_VERIFICATION: '1' },
    ),
    wrong(
      'Guests beside passwords by the setting for tokens',
      'JWT_ALLOW_EMPTY',
      'JWT_ALLOW_EMPTY has no effect beside AUTH_TYPE=internal',
      { ...JWT, AUTH_TYPE: 'internal,jwt', JWT_ALLOW_EMPTY: '1' },
    ),
    wrong('Passwords without encryption', 'LDAP_URL', 'LDAP_URL is reached without encryption', {
      ...LDAP,
      LDAP_START_TLS: '0',
      LDAP_URL: '{directory}',
    }),
    wrong('A certificate that has expired', 'cert.crt', 'has expired: browsers refuse it', {
      CONFIG: '{configWithExpiredCertificate}',
    }),
    wrong(
      'A directory whose certificate nobody looks at',
      'LDAP_TLS_CHECK_PEER',
      'anybody on the way can pretend to be the directory',
      { ...LDAP, LDAP_URL: '{directory}', LDAP_TLS_CHECK_PEER: '0' },
    ),
  ],
};
