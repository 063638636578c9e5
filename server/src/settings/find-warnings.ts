/** Settings with which the server can start, but which are probably not what was meant. */
import type { Settings } from './schema.ts';
import type { SettingProblem } from './setting-problem.ts';

/** What an HMAC with SHA-256 deserves (RFC 7518 §3.2). */
const SHORT_SECRET = 32;

export function findWarnings(settings: Settings): SettingProblem[] {
  const warnings: SettingProblem[] = [];
  const add = (name: string, message: string) => warnings.push({ name, message });
  if (settings.DISABLE_HTTPS && settings.PUBLIC_URL === undefined) {
    add(
      'PUBLIC_URL',
      'DISABLE_HTTPS without PUBLIC_URL: browsers give camera and microphone only to https pages and localhost. ' +
        'Set PUBLIC_URL to the https address of the reverse proxy.',
    );
  }
  if (
    settings.SHUTDOWN_REST_ENABLED &&
    !settings.COLIBRI_REST_ENABLED &&
    !settings.ADMIN_API_ENABLED
  ) {
    add(
      'SHUTDOWN_REST_ENABLED',
      'SHUTDOWN_REST_ENABLED has no effect: there is no private port. Set COLIBRI_REST_ENABLED=1 or ADMIN_API_ENABLED=1 as well.',
    );
  }
  if (!settings.ENABLE_AUTH) {
    for (const name of ['JWT_APP_ID', 'LDAP_URL', 'OIDC_ISSUER', 'TOKEN_AUTH_URL'] as const) {
      if (!isSet(settings[name])) continue;
      add(
        'ENABLE_AUTH',
        `${name} is set but ENABLE_AUTH is not: everybody may enter. Set ENABLE_AUTH=1 and AUTH_TYPE.`,
      );
    }
    return warnings;
  }
  const { AUTH_TYPE } = settings;
  for (const [name, type] of [
    ['JWT_APP_ID', 'jwt'],
    ['JWT_APP_SECRET', 'jwt'],
    ['LDAP_URL', 'ldap'],
  ] as const) {
    if (AUTH_TYPE.includes(type) || !isSet(settings[name])) continue;
    add(
      name,
      `${name} has no effect with AUTH_TYPE=${AUTH_TYPE.join(',')}. Add ${type} to AUTH_TYPE, or remove ${name}.`,
    );
  }
  if (AUTH_TYPE.includes('jwt')) {
    const { JWT_APP_SECRET } = settings;
    if (JWT_APP_SECRET !== '' && JWT_APP_SECRET.length < SHORT_SECRET) {
      add(
        'JWT_APP_SECRET',
        `JWT_APP_SECRET is shorter than ${SHORT_SECRET} characters and can be guessed from any token. Set a long random one here and in the application.`,
      );
    }
    const passwords = AUTH_TYPE.find((type) => type === 'internal' || type === 'ldap');
    if (settings.JWT_ALLOW_EMPTY && passwords !== undefined) {
      add(
        'JWT_ALLOW_EMPTY',
        `JWT_ALLOW_EMPTY has no effect beside AUTH_TYPE=${passwords}. Set ENABLE_GUESTS=1 to let people in who do not log in.`,
      );
    }
    if (settings.JWT_ENABLE_DOMAIN_VERIFICATION && settings.JWT_ALLOW_EMPTY) {
      add(
        'JWT_ALLOW_EMPTY',
        'JWT_ALLOW_EMPTY=1 lets people without a token into every room, whatever JWT_ENABLE_DOMAIN_VERIFICATION says. Remove one of them.',
      );
    }
  }
  return warnings;
}

function isSet(value: Settings[keyof Settings]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== '' && value !== undefined;
}
