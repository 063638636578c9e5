/** Tokens (JWT) at login, as the settings want them. */
import {
  algorithmNamed,
  PublicKeys,
  type SessionTokens,
  TokenLogins,
  type TokenRules,
  TokenVerifier,
} from '@conclave/access';
import type { Clock, Logger } from '@conclave/base';
import type { Authenticator } from '@conclave/xmpp-server';
import type { Settings } from './settings/index.ts';

/** Longest wait for a key server. */
const KEY_TIMEOUT_MS = 5_000;

export function createTokenLogins(
  deps: { readonly clock: Clock; readonly logger: Logger },
  settings: Settings,
  sessions: SessionTokens,
): { readonly authenticator: Authenticator; readonly application: TokenVerifier } {
  const algorithm = algorithmNamed(settings.JWT_SIGN_TYPE);
  const rules: TokenRules = {
    issuers:
      settings.JWT_ACCEPTED_ISSUERS.length > 0
        ? settings.JWT_ACCEPTED_ISSUERS
        : [settings.JWT_APP_ID],
    audiences: settings.JWT_ACCEPTED_AUDIENCES.length > 0 ? settings.JWT_ACCEPTED_AUDIENCES : ['*'],
    allowEmpty: settings.JWT_ALLOW_EMPTY,
    verifyDomain: settings.JWT_ENABLE_DOMAIN_VERIFICATION,
    mucDomain: settings.XMPP_MUC_DOMAIN,
    leewayS: settings.JWT_LEEWAY,
    ...(algorithm !== undefined && { algorithm }),
  };
  const keys = createPublicKeys(deps.clock, settings);
  const application = new TokenVerifier(deps.clock, rules, secretsOf(settings), keys);
  const takesApplication = settings.AUTH_TYPE.includes('jwt');
  // Which of the two may judge is told by the token; whether it is right in that, by the judge.
  const verify = (token: string) =>
    takesApplication && !sessions.isOurs(token)
      ? application.verify(token)
      : sessions.verify(token);
  return { authenticator: new TokenLogins(deps.logger, rules, { verify }), application };
}

/** Both count while one replaces the other. */
export function secretsOf(
  settings: Pick<Settings, 'JWT_APP_SECRET' | 'JWT_APP_SECRET_PREVIOUS'>,
): readonly string[] {
  return [settings.JWT_APP_SECRET, settings.JWT_APP_SECRET_PREVIOUS];
}

export function createPublicKeys(clock: Clock, settings: Settings): PublicKeys {
  return new PublicKeys(clock, {
    keyServer: settings.JWT_ASAP_KEYSERVER?.href,
    keySet: settings.JWT_JWKS_URL?.href,
    timeoutMs: KEY_TIMEOUT_MS,
  });
}
