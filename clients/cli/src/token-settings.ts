/** The settings about tokens, from the environment and `.env` as the server takes them (docs/settings.md). */
import { algorithmNamed, type TokenRules } from '@conclave/access';

export interface TokenSettings {
  readonly rules: TokenRules;
  /** What tokens made here say. */
  readonly issuer: string;
  readonly audience: string;
  readonly domain: string;
  /** The present one first. */
  readonly secrets: readonly string[];
  readonly keyServer: string | undefined;
  readonly keySet: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The environment wins over the file; empty counts as not set. */
export function readTokenSettings(environment: Variables, file: Variables): TokenSettings {
  const get = (name: string) => environment[name]?.trim() || file[name]?.trim() || undefined;
  const list = (name: string) =>
    (get(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const flag = (name: string) => /^(1|true|yes|on)$/i.test(get(name) ?? '');
  const domain = (get('XMPP_DOMAIN') ?? 'meet.jitsi').toLowerCase();
  const appId = get('JWT_APP_ID');
  const algorithm = algorithmNamed(get('JWT_SIGN_TYPE') ?? 'any');
  const issuers = list('JWT_ACCEPTED_ISSUERS');
  const audiences = list('JWT_ACCEPTED_AUDIENCES');
  return {
    rules: {
      issuers: issuers.length > 0 ? issuers : [appId ?? ''],
      audiences: audiences.length > 0 ? audiences : ['*'],
      allowEmpty: flag('JWT_ALLOW_EMPTY'),
      verifyDomain: flag('JWT_ENABLE_DOMAIN_VERIFICATION'),
      mucDomain: (get('XMPP_MUC_DOMAIN') ?? `muc.${domain}`).toLowerCase(),
      leewayS: Number(get('JWT_LEEWAY') ?? 10),
      ...(algorithm !== undefined && { algorithm }),
    },
    issuer: appId ?? literal(issuers) ?? '',
    audience: literal(audiences) ?? appId ?? 'conclave',
    domain,
    secrets: [get('JWT_APP_SECRET'), get('JWT_APP_SECRET_PREVIOUS')].filter(
      (secret) => secret !== undefined,
    ),
    keyServer: get('JWT_ASAP_KEYSERVER'),
    keySet: get('JWT_JWKS_URL'),
  };
}

/** A pattern is nothing a token could say. */
function literal(patterns: readonly string[]): string | undefined {
  return patterns.find((pattern) => !pattern.endsWith('*'));
}
