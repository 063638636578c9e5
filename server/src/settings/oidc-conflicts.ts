/** OpenID Connect settings that are right alone but cannot work together. */
import type { Settings } from './schema.ts';
import type { SettingProblem } from './setting-problem.ts';

export function findOidcConflicts(settings: Settings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const add = (name: string, message: string) => problems.push({ name, message });
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, PUBLIC_URL } = settings;
  if (OIDC_ISSUER === undefined) {
    if (settings.AUTH_TYPE.includes('oidc')) {
      add(
        'OIDC_ISSUER',
        'AUTH_TYPE=oidc without OIDC_ISSUER: expected the address of the provider. Set OIDC_ISSUER, such as https://login.example.com/realms/school.',
      );
    } else if (OIDC_CLIENT_ID !== '' || OIDC_CLIENT_SECRET !== '') {
      add(
        'OIDC_ISSUER',
        'OIDC_CLIENT_ID without OIDC_ISSUER: expected the address of the provider. Set OIDC_ISSUER, or remove OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
      );
    }
    return problems;
  }
  if (OIDC_CLIENT_ID === '') {
    add(
      'OIDC_CLIENT_ID',
      'OIDC_ISSUER without OIDC_CLIENT_ID: expected our name at the provider. Set OIDC_CLIENT_ID to what you registered there.',
    );
  }
  if (OIDC_ISSUER.protocol !== 'https:' && OIDC_ISSUER.hostname !== 'localhost') {
    add(
      'OIDC_ISSUER',
      `OIDC_ISSUER=${OIDC_ISSUER.href} is not encrypted: expected https://. Correct OIDC_ISSUER.`,
    );
  }
  if (OIDC_ISSUER.href.includes('/.well-known/')) {
    add(
      'OIDC_ISSUER',
      'OIDC_ISSUER is the address of the discovery document: expected what comes before /.well-known/. Shorten OIDC_ISSUER.',
    );
  }
  if (PUBLIC_URL === undefined) {
    add(
      'PUBLIC_URL',
      'OIDC_ISSUER without PUBLIC_URL: expected the address that the provider sends people back to. Set PUBLIC_URL, and register PUBLIC_URL with /login/oidc/callback there.',
    );
  }
  if (!/(?:^| )openid(?: |$)/.test(settings.OIDC_SCOPES)) {
    add(
      'OIDC_SCOPES',
      'OIDC_SCOPES lacks openid: without it a provider does not say who somebody is. Add openid, or remove OIDC_SCOPES.',
    );
  }
  if (settings.OIDC_MODERATOR_CLAIM === '' && settings.OIDC_MODERATOR_VALUES.length > 0) {
    add(
      'OIDC_MODERATOR_CLAIM',
      'OIDC_MODERATOR_VALUES without OIDC_MODERATOR_CLAIM: expected the claim they are values of. Set OIDC_MODERATOR_CLAIM, such as groups.',
    );
  }
  if ((settings.OIDC_ALLOWED_CLAIM === '') !== (settings.OIDC_ALLOWED_VALUES.length === 0)) {
    add(
      'OIDC_ALLOWED_CLAIM',
      'OIDC_ALLOWED_CLAIM and OIDC_ALLOWED_VALUES belong together: expected both or none. Set both, or remove both to let everybody in whom the provider knows.',
    );
  }
  return problems;
}
