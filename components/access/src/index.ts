/** Who may enter: accounts, tokens (JWT) and directories (LDAP), their rules, and what they say about a person. */
export { normaliseAccountName } from './core/account-name.ts';
export { createClaims, type TokenRequest } from './core/create-claims.ts';
export type { LdapMethod, LdapOptions, LdapTls } from './core/ldap-options.ts';
export { DEFAULT_LOCK_OUT, type LockOutOptions } from './core/lock-out.ts';
export type { OidcClaimRules, OidcOptions } from './core/oidc-options.ts';
export type { PasswordCheck, PasswordHolder, PasswordVerdict } from './core/password-check.ts';
export { roomReturnPath, safeReturnPath } from './core/return-path.ts';
export { type RoomRefusal, refuseRoom } from './core/room-rights.ts';
export type { ProviderLogin, SessionHolder } from './core/session-claims.ts';
export { algorithmNamed, type TokenCheck, type TokenFailure } from './core/token-checks.ts';
export { remedyFor } from './core/token-remedies.ts';
export type { TokenRules } from './core/token-rules.ts';
export { type Account, type AccountKeys, AccountStore } from './shell/account-store.ts';
export {
  Accounts,
  keysOfPassword,
  MAX_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH,
  type PasswordFault,
  passwordFault,
} from './shell/accounts.ts';
export { DerivationWorker } from './shell/derivation-worker.ts';
export {
  type DerivationRequest,
  Derivations,
  type Derive,
  deriveInPool,
} from './shell/derivations.ts';
export { LdapDirectory } from './shell/ldap-directory.ts';
export { findFilterProblem } from './shell/ldap-filter-problem.ts';
export { LogInSeal } from './shell/log-in-seal.ts';
export { OidcError, OidcProvider } from './shell/oidc-provider.ts';
export { type AccountHolder, type PasswordLogin, PasswordLogins } from './shell/password-logins.ts';
export { type PublicKeyOptions, PublicKeys } from './shell/public-keys.ts';
export { SessionTokens } from './shell/session-tokens.ts';
export { signToken } from './shell/sign-token.ts';
export {
  type TokenHolder,
  type TokenLogin,
  TokenLogins,
  type VerifiesTokens,
} from './shell/token-logins.ts';
export { type TokenVerdict, TokenVerifier } from './shell/token-verifier.ts';
