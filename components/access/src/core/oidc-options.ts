/** Which OpenID Connect provider is asked, and what its claims mean here. */

export interface OidcOptions {
  /** OIDC_ISSUER. */
  readonly issuer: string;
  /** OIDC_CLIENT_ID. */
  readonly clientId: string;
  /** OIDC_CLIENT_SECRET; empty for a public client. */
  readonly clientSecret: string;
  /** OIDC_SCOPES, separated by spaces. */
  readonly scopes: string;
  /** Where the provider sends people back to; registered there. */
  readonly redirectUri: string;
  /** Where it sends them after logging out. */
  readonly afterLogoutUri: string;
  readonly claims: OidcClaimRules;
  /** How long one answer of the provider may take. */
  readonly timeoutMs: number;
}

export interface OidcClaimRules {
  /** OIDC_MODERATOR_CLAIM: `groups`, `realm_access.roles` …; empty: the provider has no say. */
  readonly moderatorClaim: string;
  /** OIDC_MODERATOR_VALUES. */
  readonly moderatorValues: readonly string[];
  /** OIDC_FEATURES_CLAIM: a list of names, or an object of switches; empty: the role decides. */
  readonly featuresClaim: string;
  /** OIDC_ALLOWED_CLAIM: only people with one of the values may log in; empty: all. */
  readonly allowedClaim: string;
  /** OIDC_ALLOWED_VALUES. */
  readonly allowedValues: readonly string[];
}
