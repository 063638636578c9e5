/** The settings of a directory; names and meaning are docker-jitsi-meet's, which hands them to saslauthd. */
import { dnList, ldapUrlList } from './address-kinds.ts';
import { choice, flag, integer, secret, text } from './value-kinds.ts';

const group = 'Directory (LDAP)';

export const LDAP_SETTINGS = {
  LDAP_URL: ldapUrlList({
    group,
    sentence: 'Directory servers; the next one is asked when one does not answer.',
  }),
  LDAP_BASE: text({ group, sentence: 'DN below which people are searched; empty for everywhere.' }),
  LDAP_BINDDN: text({
    group,
    sentence: 'Account (DN) that searches; empty for an anonymous search.',
  }),
  LDAP_BINDPW: secret({ group, sentence: 'Its password.' }),
  LDAP_FILTER: text({
    group,
    default: 'uid=%u',
    sentence:
      'Who is meant by a typed name: %u is the name, %U the part before @, %d the part after it (else %r), %1 to %9 its labels from the end, %r XMPP_DOMAIN, %s xmpp. With LDAP_AUTH_METHOD=fastbind the DN.',
  }),
  LDAP_AUTH_METHOD: choice({
    group,
    default: 'bind',
    values: ['bind', 'custom', 'fastbind'],
    sentence:
      'How a password is checked: bind searches the person and logs in as it; custom compares the userPassword found; fastbind logs in without a search.',
  }),
  LDAP_VERSION: choice({
    group,
    default: '3',
    values: ['3'],
    sentence: 'Version of the protocol; version 2 was withdrawn in 2003.',
  }),
  LDAP_USE_TLS: flag({
    group,
    default: false,
    sentence:
      'Says that the directory is reached over TLS; how, is said by ldaps:// in LDAP_URL or by LDAP_START_TLS.',
  }),
  LDAP_START_TLS: flag({
    group,
    default: false,
    sentence: 'Encrypts connections of ldap:// before anything else is sent.',
  }),
  LDAP_TLS_CHECK_PEER: flag({
    group,
    default: true,
    sentence:
      "The directory's certificate must be good. On by default, unlike in docker-jitsi-meet: without it passwords can be listened to.",
  }),
  LDAP_TLS_CACERT_FILE: text({
    group,
    sentence:
      "File (PEM) of the authorities that may have signed it; without file and folder the system's list.",
  }),
  LDAP_TLS_CACERT_DIR: text({
    group,
    sentence: 'Folder with such files (.pem, .crt), besides LDAP_TLS_CACERT_FILE.',
  }),
  LDAP_TLS_CIPHERS: text({
    group,
    sentence: "Ciphers for TLS 1.2, in OpenSSL's form, such as ECDHE+AESGCM:ECDHE+CHACHA20.",
  }),
  LDAP_MODERATOR_GROUPS: dnList({
    group,
    sentence:
      'Groups (DNs) whose members lead; everybody else then does not. Without groups and filter the directory has no say in this.',
  }),
  LDAP_MODERATOR_FILTER: text({
    group,
    sentence:
      'Or a filter that the entries of those match who lead, such as (memberOf=cn=teachers,ou=groups,dc=example,dc=com).',
  }),
  LDAP_TIMEOUT: integer({
    group,
    default: 3,
    min: 1,
    max: 6,
    unit: 'of seconds',
    sentence: 'How long one directory server may take for one log-in.',
  }),
  LDAP_MAX_CONNECTIONS: integer({
    group,
    default: 8,
    min: 1,
    max: 64,
    sentence: 'Log-ins that are looked up in the directory at the same time.',
  }),
} as const;
