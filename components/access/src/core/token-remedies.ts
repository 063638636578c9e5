/** What to do about a token that was refused: for the log and for `conclave token explain`. */
import type { TokenCheck } from './token-checks.ts';

/** A sentence with the settings that matter; for checks that failed. */
export function remedyFor({ subject, failure }: TokenCheck): string {
  const text = failure?.text ?? '';
  switch (subject) {
    case 'exp':
      return /^Not acceptable/.test(text)
        ? 'Make a new token; when it is new, set the clocks of both machines right, or raise JWT_LEEWAY.'
        : 'Let the application write exp as a number of seconds.';
    case 'nbf':
      return 'Set the clocks of the application and of this machine right, or raise JWT_LEEWAY.';
    case 'iss':
      return 'Let the application write JWT_APP_ID into iss, or add its name to JWT_ACCEPTED_ISSUERS.';
    case 'aud':
      return 'Add what the application writes into aud to JWT_ACCEPTED_AUDIENCES, or correct it there.';
    case 'signature':
      return text === 'could not obtain public key'
        ? 'Look after JWT_ASAP_KEYSERVER or JWT_JWKS_URL: the address, its certificate, and whether it has the key.'
        : 'Use the same secret there and in JWT_APP_SECRET, or publish the right key at JWT_ASAP_KEYSERVER or JWT_JWKS_URL.';
    case 'alg':
    case 'kid':
      return 'HS256 needs JWT_APP_SECRET; RS256 and the like need a kid, and JWT_ASAP_KEYSERVER or JWT_JWKS_URL. With JWT_SIGN_TYPE only that one is accepted.';
    case 'room':
      return 'Let the application write the name of the room, or *, into room.';
    case 'sub':
      return 'Let the application write the tenant or XMPP_DOMAIN into sub, or set JWT_ENABLE_DOMAIN_VERIFICATION=0.';
    case 'jti':
      return 'Log in again.';
    default:
      return 'Let the application make a signed JSON Web Token; "conclave token create" makes one to compare.';
  }
}
