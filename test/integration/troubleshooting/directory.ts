/** Directories (LDAP): settings, certificates, and servers that cannot be asked. */
import { type Section, wrong } from './wrong-configuration.ts';

const LDAP = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'ldap',
  LDAP_URL: 'ldap://ldap.example.com',
  LDAP_START_TLS: '1',
};

export const DIRECTORY_SETTINGS: Section = {
  title: 'Directory (LDAP)',
  shownBy: 'the start, which stops',
  settings: LDAP,
  entries: [
    wrong('No server', 'LDAP_URL', 'expected a directory server', { LDAP_URL: '' }),
    wrong('A server without ldap://', 'LDAP_URL', 'ldap:// or ldaps:// URLs with a host name', {
      LDAP_URL: 'ldap.example.com',
    }),
    wrong('A socket instead of a server', 'LDAP_URL', 'ldap:// or ldaps:// URLs with a host name', {
      LDAP_URL: 'ldapi:///',
    }),
    wrong('The base in the address of the server', 'LDAP_URL', 'nothing after it', {
      LDAP_URL: 'ldap://ldap.example.com/dc=example,dc=com',
    }),
    wrong('Brackets of the filter that do not match', 'LDAP_FILTER', 'its brackets do not match', {
      LDAP_FILTER: '(&(uid=%u)(objectClass=person)',
    }),
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
};

export const DIRECTORY_CERTIFICATES: Section = {
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
};

export const DIRECTORY_UNAVAILABLE: Section = {
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
};
