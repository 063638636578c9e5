/** Why a directory could not be asked, as a sentence that names the setting and the remedy. */

/** What went wrong, as the system, TLS (`CERT_HAS_EXPIRED`) or the directory (result code) say it. */
export interface LdapFault {
  readonly code: string | number | undefined;
  readonly message: string;
  /** What was being done. */
  readonly step: 'connect' | 'bind' | 'search';
}

/** Result codes of RFC 4511 appendix A. */
export const LDAP_RESULT = {
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  confidentialityRequired: 13,
  inappropriateMatching: 18,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
} as const;

/** Another server, or another time, may answer: the fault is not in the question. */
export function isServerFault({ code }: LdapFault): boolean {
  return typeof code !== 'number' || code === LDAP_RESULT.busy || code === LDAP_RESULT.unavailable;
}

export function explainFault(fault: LdapFault, url: string): string {
  const { code, message } = fault;
  const remedy = typeof code === 'number' ? remedyOfResult(fault) : remedyOfConnection(fault);
  const cause = message.split('\n')[0]?.slice(0, 200) ?? '';
  return `${url} cannot be used: ${remedy ?? `${cause}.`}${remedy === undefined ? '' : ` (${cause})`}`;
}

function remedyOfResult({ code, step }: LdapFault): string | undefined {
  if (step === 'bind' && code === LDAP_RESULT.noSuchObject) {
    return 'it has no account of that name. Correct LDAP_BINDDN.';
  }
  switch (code) {
    case LDAP_RESULT.invalidCredentials:
      return 'it refuses the account that searches. Correct LDAP_BINDDN and LDAP_BINDPW.';
    case LDAP_RESULT.invalidDnSyntax:
      return step === 'bind'
        ? 'LDAP_BINDDN is not a DN. Write it like cn=conclave,dc=example,dc=com.'
        : 'LDAP_BASE or LDAP_MODERATOR_GROUPS is not a DN. Write it like ou=people,dc=example,dc=com.';
    case LDAP_RESULT.noSuchObject:
      return 'it has no LDAP_BASE of that name, or hides it from the account that searches. Correct LDAP_BASE.';
    case LDAP_RESULT.operationsError:
    case LDAP_RESULT.insufficientAccessRights:
    case LDAP_RESULT.inappropriateAuthentication:
    case LDAP_RESULT.authMethodNotSupported:
      return 'it does not let this account search. Set LDAP_BINDDN and LDAP_BINDPW to one that may read people.';
    case LDAP_RESULT.strongerAuthRequired:
    case LDAP_RESULT.confidentialityRequired:
      return 'it wants encryption. Set LDAP_START_TLS=1, or begin LDAP_URL with ldaps://.';
    case LDAP_RESULT.protocolError:
      return step === 'connect'
        ? 'it has no StartTLS. Remove LDAP_START_TLS and begin LDAP_URL with ldaps://, or set TLS up there.'
        : undefined;
    case LDAP_RESULT.inappropriateMatching:
      return 'it cannot compare what LDAP_FILTER asks for. Correct LDAP_FILTER.';
    default:
      return undefined;
  }
}

const UNKNOWN_AUTHORITY =
  /DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF/;

function remedyOfConnection({ code, message }: LdapFault): string | undefined {
  const text = `${code ?? ''} ${message}`;
  if (UNKNOWN_AUTHORITY.test(text) || /self-signed|local issuer|verify the first/.test(text)) {
    return 'its certificate is not from an authority known here. Set LDAP_TLS_CACERT_FILE to the PEM file of that authority.';
  }
  if (/CERT_HAS_EXPIRED|has expired/.test(text)) {
    return 'its certificate, or that of its authority in LDAP_TLS_CACERT_FILE, has expired. Renew it, or correct the clock here.';
  }
  if (/CERT_NOT_YET_VALID|not yet valid/.test(text)) {
    return 'its certificate is not valid yet. Correct the clock of this machine.';
  }
  if (/ERR_TLS_CERT_ALTNAME_INVALID|does not match/.test(text)) {
    return 'its certificate is for another name. Write the name in the certificate into LDAP_URL.';
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) {
    return 'that name is not known. Correct LDAP_URL, or the name service of this machine.';
  }
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/.test(text)) {
    return 'nothing listens there. Correct LDAP_URL (389 is ldap://, 636 is ldaps://), or start the directory.';
  }
  if (/wrong version number|WRONG_VERSION_NUMBER|packet length too long/i.test(text)) {
    return 'it does not speak TLS there. Use ldap:// with LDAP_START_TLS=1, or the port for ldaps:// (636) in LDAP_URL.';
  }
  if (/handshake failure|NO_SHARED_CIPHER|no cipher/i.test(text)) {
    return 'it accepts none of our ciphers. Correct or remove LDAP_TLS_CIPHERS.';
  }
  if (/timed? ?out|timeout|no answer/i.test(text)) {
    return 'it does not answer in time. Look after LDAP_URL and firewalls, or raise LDAP_TIMEOUT.';
  }
  if (/closed|reset|ECONNRESET|disconnected/i.test(text)) {
    return 'it ends the connection. Port and scheme of LDAP_URL may not fit (389 is ldap://, 636 is ldaps://).';
  }
  return undefined;
}
