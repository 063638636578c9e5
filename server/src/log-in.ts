/** Log-ins on our own page as the settings want them: session tokens, OpenID Connect, links elsewhere. */
import { LogInSeal, type OidcOptions, OidcProvider, SessionTokens } from '@conclave/access';
import {
  type AuditLog,
  type Clock,
  type Logger,
  type RandomSource,
  randomToken,
  type Timers,
} from '@conclave/base';
import type { StateFolder } from '@conclave/platform/storage';
import type { Settings } from './settings/index.ts';
import { type LogInRouteDependencies, LogInRoutes } from './web/log-in-routes.ts';

export interface LogInDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly state: StateFolder;
}

const SECRET_FILE = 'keys/session.secret';
const REVOKED_FILE = 'revoked-sessions';
const SECRET_LENGTH = 64;
/** Longest wait for one answer of a provider. */
const PROVIDER_TIMEOUT_MS = 5_000;

/** The tokens we sign ourselves; the secret is made at the first start. */
export function createSessionTokens(deps: LogInDependencies, settings: Settings): SessionTokens {
  const { clock, random, state } = deps;
  return new SessionTokens(
    { clock, random, onRevoked: (text) => state.writeText(REVOKED_FILE, text) },
    {
      secret: sessionSecret(deps),
      domain: settings.XMPP_DOMAIN,
      mucDomain: settings.XMPP_MUC_DOMAIN,
      lifetimeS: settings.LOGIN_LIFETIME,
      revoked: state.readText(REVOKED_FILE) ?? '',
    },
  );
}

/** The pages under `/login`; undefined when nobody can log in there. */
export function createLogInRoutes(
  deps: LogInDependencies,
  settings: Settings,
  sessions: SessionTokens,
  verifyPassword: LogInRouteDependencies['verifyPassword'],
): LogInRoutes | undefined {
  const oidc = createOidc(deps, settings);
  if (oidc === undefined && verifyPassword === undefined) return undefined;
  const { logger, audit } = deps;
  return new LogInRoutes({
    logger,
    audit,
    sessions,
    links:
      settings.TOKEN_AUTH_URL === ''
        ? []
        : [{ type: 'url', label: 'another account', url: settings.TOKEN_AUTH_URL }],
    ...(oidc !== undefined && { oidc }),
    ...(verifyPassword !== undefined && { verifyPassword }),
  });
}

/** How the provider is asked; undefined when there is none. */
export function oidcOptions(settings: Settings): OidcOptions | undefined {
  const { OIDC_ISSUER: issuer, PUBLIC_URL: publicUrl } = settings;
  if (issuer === undefined || publicUrl === undefined) return undefined;
  return {
    issuer: issuer.href,
    clientId: settings.OIDC_CLIENT_ID,
    clientSecret: settings.OIDC_CLIENT_SECRET,
    scopes: settings.OIDC_SCOPES,
    redirectUri: `${publicUrl.origin}/login/oidc/callback`,
    afterLogoutUri: `${publicUrl.origin}/`,
    claims: {
      moderatorClaim: settings.OIDC_MODERATOR_CLAIM,
      moderatorValues: settings.OIDC_MODERATOR_VALUES,
      featuresClaim: settings.OIDC_FEATURES_CLAIM,
      allowedClaim: settings.OIDC_ALLOWED_CLAIM,
      allowedValues: settings.OIDC_ALLOWED_VALUES,
    },
    timeoutMs: PROVIDER_TIMEOUT_MS,
  };
}

function createOidc(deps: LogInDependencies, settings: Settings): LogInRouteDependencies['oidc'] {
  const options = oidcOptions(settings);
  if (options === undefined) return undefined;
  const provider = new OidcProvider(deps.clock, options);
  void provider.probe().then((problem) => {
    if (problem === undefined) deps.logger.info('access.oidc.ready');
    else deps.logger.warn('access.oidc.unavailable', { message: `OpenID Connect: ${problem}` });
  });
  return {
    provider,
    seal: new LogInSeal(deps.clock, sessionSecret(deps)),
    label: settings.OIDC_NAME,
  };
}

function sessionSecret({ state, random }: LogInDependencies): string {
  const known = state.readText(SECRET_FILE)?.trim();
  if (known !== undefined && known.length >= SECRET_LENGTH) return known;
  const made = randomToken(random, SECRET_LENGTH);
  state.writeText(SECRET_FILE, `${made}\n`);
  return made;
}
