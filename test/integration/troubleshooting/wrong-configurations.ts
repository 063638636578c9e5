/**
 * Configurations that are wrong, and what the server says about each. One table serves the test that
 * tries them all (`wrong-configurations.test.ts`) and docs/troubleshooting.md (`write-docs.ts`).
 */

export interface WrongConfiguration {
  /** What somebody did, in a few words. */
  readonly what: string;
  /** The setting that the message must name. */
  readonly setting: string;
  /** A part of the message, literally. */
  readonly says: string;
  /** On top of what the section sets; `{…}` stands for something of the test (`places.ts`). */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Section {
  readonly title: string;
  /** Where the message is to be found. */
  readonly shownBy:
    | 'the start, which stops'
    | 'the log at the start'
    | 'the log when somebody logs in';
  readonly settings: Readonly<Record<string, string>>;
  readonly entries: readonly WrongConfiguration[];
}

const wrong = (
  what: string,
  setting: string,
  says: string,
  settings: Readonly<Record<string, string>>,
): WrongConfiguration => ({ what, setting, says, settings });

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
const OIDC = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'oidc',
  PUBLIC_URL: 'https://meet.example.com',
  OIDC_ISSUER: 'https://login.example.com/school',
  OIDC_CLIENT_ID: 'conclave',
};

export const SECTIONS: readonly Section[] = [
  {
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
  },
  {
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
  },
  {
    title: 'Directory (LDAP)',
    shownBy: 'the start, which stops',
    settings: LDAP,
    entries: [
      wrong('No server', 'LDAP_URL', 'expected a directory server', { LDAP_URL: '' }),
      wrong('A server without ldap://', 'LDAP_URL', 'ldap:// or ldaps:// URLs with a host name', {
        LDAP_URL: 'ldap.example.com',
      }),
      wrong(
        'A socket instead of a server',
        'LDAP_URL',
        'ldap:// or ldaps:// URLs with a host name',
        { LDAP_URL: 'ldapi:///' },
      ),
      wrong('The base in the address of the server', 'LDAP_URL', 'nothing after it', {
        LDAP_URL: 'ldap://ldap.example.com/dc=example,dc=com',
      }),
      wrong(
        'Brackets of the filter that do not match',
        'LDAP_FILTER',
        'its brackets do not match',
        { LDAP_FILTER: '(&(uid=%u)(objectClass=person)' },
      ),
      wrong('A typing error in the filter', 'LDAP_FILTER', 'Write it like (uid=%u)', {
        LDAP_FILTER: '(uid:%u)',
      }),
      wrong('A mark that means nothing', 'LDAP_FILTER', '%n means nothing in it', {
        LDAP_FILTER: '(uid=%n)',
      }),
      wrong('A filter without the typed name', 'LDAP_FILTER', 'LDAP_FILTER has no %u or %U', {
        LDAP_FILTER: '(objectClass=person)',
      }),
      wrong('A filter where a DN is wanted', 'LDAP_FILTER', 'expected no brackets', {
        LDAP_AUTH_METHOD: 'fastbind',
        LDAP_FILTER: '(uid=%u)',
      }),
      wrong('A DN without the typed name', 'LDAP_FILTER', 'everybody would be the same person', {
        LDAP_AUTH_METHOD: 'fastbind',
        LDAP_FILTER: 'uid=ada,dc=example',
      }),
      wrong(
        'A way to check that does not exist',
        'LDAP_AUTH_METHOD',
        'expected one of bind, custom, fastbind',
        { LDAP_AUTH_METHOD: 'simple' },
      ),
      wrong('Version 2', 'LDAP_VERSION', 'expected one of 3', { LDAP_VERSION: '2' }),
      wrong('Two ways to encrypt', 'LDAP_START_TLS', 'expected one of the two ways to encrypt', {
        LDAP_URL: 'ldaps://ldap.example.com',
      }),
      wrong('TLS that nobody starts', 'LDAP_USE_TLS', 'nothing there would be encrypted', {
        LDAP_START_TLS: '0',
        LDAP_USE_TLS: '1',
      }),
      wrong(
        'An account without password',
        'LDAP_BINDPW',
        'expected the password of the account that searches',
        { LDAP_BINDDN: 'cn=conclave' },
      ),
      wrong('A password without account', 'LDAP_BINDDN', 'expected the account that searches', {
        LDAP_BINDPW: 'secret-of-nobody',
      }),
      wrong('Names instead of DNs of groups', 'LDAP_MODERATOR_GROUPS', 'expected DNs such as', {
        LDAP_MODERATOR_GROUPS: 'teachers',
      }),
      wrong(
        'A broken filter for moderators',
        'LDAP_MODERATOR_FILTER',
        'LDAP_MODERATOR_FILTER cannot be used',
        { LDAP_MODERATOR_FILTER: '(memberOf=cn=teachers' },
      ),
      wrong(
        'Longer than a log-in may take',
        'LDAP_TIMEOUT',
        'expected a whole number of seconds, 1 to 6',
        { LDAP_TIMEOUT: '60' },
      ),
    ],
  },
  {
    title: 'OpenID Connect',
    shownBy: 'the start, which stops',
    settings: OIDC,
    entries: [
      wrong('No provider', 'OIDC_ISSUER', 'expected the address of the provider', {
        OIDC_ISSUER: '',
        OIDC_CLIENT_ID: '',
      }),
      wrong('A client, but no provider', 'OIDC_ISSUER', 'OIDC_CLIENT_ID without OIDC_ISSUER', {
        AUTH_TYPE: 'jwt',
        JWT_APP_ID: 'a',
        JWT_APP_SECRET: 'secret',
        OIDC_ISSUER: '',
      }),
      wrong('No client', 'OIDC_CLIENT_ID', 'expected our name at the provider', {
        OIDC_CLIENT_ID: '',
      }),
      wrong('A provider without encryption', 'OIDC_ISSUER', 'is not encrypted: expected https://', {
        OIDC_ISSUER: 'http://login.example.com',
      }),
      wrong(
        'The discovery document instead of the provider',
        'OIDC_ISSUER',
        'expected what comes before /.well-known/',
        { OIDC_ISSUER: 'https://login.example.com/.well-known/openid-configuration' },
      ),
      wrong(
        'No address to come back to',
        'PUBLIC_URL',
        'the address that the provider sends people back to',
        { PUBLIC_URL: '' },
      ),
      wrong('Scopes without openid', 'OIDC_SCOPES', 'OIDC_SCOPES lacks openid', {
        OIDC_SCOPES: 'profile email',
      }),
      wrong('Values of no claim', 'OIDC_MODERATOR_CLAIM', 'expected the claim they are values of', {
        OIDC_MODERATOR_VALUES: 'teachers',
      }),
      wrong('A claim without values', 'OIDC_ALLOWED_CLAIM', 'expected both or none', {
        OIDC_ALLOWED_CLAIM: 'hd',
      }),
    ],
  },
  {
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
  },
  {
    title: 'Certificates of the directory',
    shownBy: 'the start, which stops',
    settings: LDAP,
    entries: [
      wrong('A file that is not there', 'LDAP_TLS_CACERT_FILE', 'cannot be read', {
        LDAP_TLS_CACERT_FILE: '/no/such/file.pem',
      }),
      wrong(
        'A file that is not a certificate',
        'LDAP_TLS_CACERT_FILE',
        'is not a certificate in PEM form',
        { LDAP_TLS_CACERT_FILE: '{file}' },
      ),
      wrong('A folder without certificates', 'LDAP_TLS_CACERT_DIR', 'holds no .pem or .crt file', {
        LDAP_TLS_CACERT_DIR: '{emptyFolder}',
      }),
      wrong('A folder that is not there', 'LDAP_TLS_CACERT_DIR', 'cannot be read', {
        LDAP_TLS_CACERT_DIR: '/no/such/folder',
      }),
      wrong("docker-jitsi-meet's sample ciphers", 'LDAP_TLS_CIPHERS', 'in the form of GnuTLS', {
        LDAP_TLS_CIPHERS: 'SECURE256:SECURE128:!AES-128-CBC',
      }),
    ],
  },
  {
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
  },
  {
    title: 'A directory that cannot be asked',
    shownBy: 'the log at the start',
    settings: {
      ...LDAP,
      LDAP_URL: '{directory}',
      LDAP_BASE: 'dc=example,dc=com',
      LDAP_TLS_CACERT_FILE: '{authority}',
    },
    entries: [
      wrong('Nothing listens there', 'LDAP_URL', 'nothing listens there', {
        LDAP_URL: 'ldap://localhost:{closedPort}',
      }),
      wrong('A name that does not exist', 'LDAP_URL', 'that name is not known', {
        LDAP_URL: 'ldap://no-such-host.invalid',
      }),
      wrong('No TLS on that port', 'LDAP_URL', 'LDAP_URL', {
        LDAP_START_TLS: '0',
        LDAP_URL: '{plainAsSecure}',
      }),
      wrong('A directory without StartTLS', 'LDAP_START_TLS', 'it has no StartTLS', {
        LDAP_URL: '{directoryWithoutTls}',
      }),
      wrong('An unknown authority', 'LDAP_TLS_CACERT_FILE', 'not from an authority known here', {
        LDAP_TLS_CACERT_FILE: '{otherAuthority}',
      }),
      wrong('An authority that has expired', 'LDAP_TLS_CACERT_FILE', 'has expired', {
        LDAP_URL: '{directoryOfExpiredAuthority}',
        LDAP_TLS_CACERT_FILE: '{expiredAuthority}',
      }),
      wrong('A certificate for another name', 'LDAP_URL', 'its certificate is for another name', {
        LDAP_URL: '{directoryByAddress}',
      }),
      wrong(
        'A wrong password of the account that searches',
        'LDAP_BINDPW',
        'it refuses the account that searches',
        { LDAP_BINDDN: 'cn=admin,dc=example,dc=com', LDAP_BINDPW: 'wrong-password' },
      ),
      wrong('An account that is not a DN', 'LDAP_BINDDN', 'LDAP_BINDDN is not a DN', {
        LDAP_BINDDN: 'admin',
        LDAP_BINDPW: 'wrong-password',
      }),
      wrong('A base that does not exist', 'LDAP_BASE', 'it has no LDAP_BASE of that name', {
        LDAP_BASE: 'ou=nobody,dc=example,dc=com',
      }),
      wrong('A base that is not a DN', 'LDAP_BASE', 'is not a DN', { LDAP_BASE: 'people' }),
    ],
  },
  {
    title: 'A provider that cannot be asked',
    shownBy: 'the log at the start',
    settings: { ...OIDC, NODE_EXTRA_CA_CERTS: '{authority}' },
    entries: [
      wrong('Nothing listens there', 'OIDC_ISSUER', 'nothing listens at OIDC_ISSUER', {
        OIDC_ISSUER: 'https://localhost:{closedPort}',
      }),
      wrong('A name that does not exist', 'OIDC_ISSUER', 'the name in OIDC_ISSUER is not known', {
        OIDC_ISSUER: 'https://no-such-host.invalid',
      }),
      wrong(
        'A certificate from an unknown authority',
        'NODE_EXTRA_CA_CERTS',
        'is not from a known authority',
        { OIDC_ISSUER: '{provider}', NODE_EXTRA_CA_CERTS: '' },
      ),
      wrong(
        'A part of the address is missing',
        'OIDC_ISSUER',
        'there is no discovery document at OIDC_ISSUER',
        { OIDC_ISSUER: '{provider}/elsewhere' },
      ),
      wrong(
        'The address of something else',
        'OIDC_ISSUER',
        'does not answer as an OpenID Connect provider',
        { OIDC_ISSUER: '{provider}/page' },
      ),
      wrong(
        'Another name than it gives itself',
        'OIDC_ISSUER',
        'the provider calls itself otherwise',
        { OIDC_ISSUER: '{provider}/other-name' },
      ),
    ],
  },
  {
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
  },
];
