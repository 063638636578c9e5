/** How to reach a directory and what to ask it; the names in the comments are docker-jitsi-meet's. */

export type LdapMethod = 'bind' | 'custom' | 'fastbind';

export interface LdapOptions {
  /** LDAP_URL: `ldap://host[:port]` or `ldaps://…`, the first that answers is asked. */
  readonly urls: readonly string[];
  /** LDAP_BASE; may be empty. */
  readonly base: string;
  /** LDAP_BINDDN; empty for an anonymous search. */
  readonly bindDn: string;
  /** LDAP_BINDPW. */
  readonly bindPassword: string;
  /** LDAP_FILTER; with `fastbind` the DN. */
  readonly filter: string;
  /** LDAP_AUTH_METHOD. */
  readonly method: LdapMethod;
  /** LDAP_START_TLS. */
  readonly startTls: boolean;
  readonly tls: LdapTls;
  /** DNs of groups whose members lead. */
  readonly moderatorGroups: readonly string[];
  /** A filter that the entries of those who lead match; empty for none. */
  readonly moderatorFilter: string;
  /** What `%r` stands for. */
  readonly realm: string;
  /** How long one server may take for one log-in. */
  readonly timeoutMs: number;
  /** Log-ins that are looked up at the same time. */
  readonly maxConnections: number;
}

export interface LdapTls {
  /** LDAP_TLS_CHECK_PEER. */
  readonly checkPeer: boolean;
  /** LDAP_TLS_CIPHERS in OpenSSL's form; undefined for the usual ones. */
  readonly ciphers: string | undefined;
  /** PEM texts of the authorities; undefined for Node's own list. */
  readonly authorities: readonly string[] | undefined;
}

/** Whether someone who logs in is or is not a moderator, or the directory has no say. */
export function decidesModerators(
  options: Pick<LdapOptions, 'moderatorFilter' | 'moderatorGroups'>,
): boolean {
  return options.moderatorFilter !== '' || options.moderatorGroups.length > 0;
}
