/** Who may enter: tokens (JWT), their rules, and what they say about their holder. */
export { createClaims, type TokenRequest } from './core/create-claims.ts';
export { type RoomRefusal, refuseRoom } from './core/room-rights.ts';
export type { TokenCheck, TokenFailure } from './core/token-checks.ts';
export type { TokenRules } from './core/token-rules.ts';
export { type PublicKeyOptions, PublicKeys } from './shell/public-keys.ts';
export { signToken } from './shell/sign-token.ts';
export { type TokenHolder, type TokenLogin, TokenLogins } from './shell/token-logins.ts';
export { type TokenVerdict, TokenVerifier } from './shell/token-verifier.ts';
