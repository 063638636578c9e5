/** What the server says when it refuses a token or a log-in, as a sentence that says what to do about it. */
import { strings } from '../strings/strings.ts';

/** The first that fits. */
const KNOWN: readonly (readonly [pattern: RegExp, text: keyof typeof strings.refusal])[] = [
  [/room and token mismatched/i, 'otherRoom'],
  [/token required|token is required/i, 'tokenRequired'],
  [/not acceptable by exp|expired/i, 'tokenExpired'],
  [/not acceptable by nbf/i, 'tokenTooEarly'],
  [/invalid signature|obtain public key|alg|invalid '(iss|aud)'|token/i, 'tokenInvalid'],
  [/locked|too many/i, 'lockedOut'],
  [/unavailable|unreachable|temporary/i, 'directoryDown'],
  [/disabled/i, 'accountDisabled'],
  [/not-authorized|credentials|password|user/i, 'wrongPassword'],
];

/** @param text the server's words, or the name of the error's condition; the answer is undefined for unknown ones */
export function refusalText(text: string): string | undefined {
  const found = KNOWN.find(([pattern]) => pattern.test(text));
  return found === undefined ? undefined : strings.refusal[found[1]];
}
