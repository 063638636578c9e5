/** What a token must say to be accepted; the names in the comments are docker-jitsi-meet's. */

export interface TokenRules {
  /** JWT_ACCEPTED_ISSUERS, or JWT_APP_ID alone. `*` is any, `name*` a beginning. */
  readonly issuers: readonly string[];
  /** JWT_ACCEPTED_AUDIENCES; the same patterns. */
  readonly audiences: readonly string[];
  /** JWT_ALLOW_EMPTY: without a token one is a guest. */
  readonly allowEmpty: boolean;
  /** JWT_ENABLE_DOMAIN_VERIFICATION: `sub` must be the tenant or the domain of the room. */
  readonly verifyDomain: boolean;
  /** XMPP_MUC_DOMAIN. */
  readonly mucDomain: string;
  /** JWT_SIGN_TYPE: the only way in which a token may be signed; undefined: any that there is a key for. */
  readonly algorithm?: string;
  /** How far the clock of whoever signs may be off. */
  readonly leewayS: number;
}

export function matchesPattern(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern,
  );
}
