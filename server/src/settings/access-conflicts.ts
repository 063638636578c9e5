/** Settings of log-ins that are right alone but cannot work together. Those of LDAP and OpenID Connect are beside this file. */
import { findLdapConflicts } from './ldap-conflicts.ts';
import { findOidcConflicts } from './oidc-conflicts.ts';
import type { Settings } from './schema.ts';
import type { SettingProblem } from './setting-problem.ts';

/** Whoever asks for authentication must not get an open server instead. */
export function findAccessConflicts(settings: Settings): SettingProblem[] {
  if (!settings.ENABLE_AUTH) return [];
  return [...findAuthTypeConflicts(settings), ...findOidcConflicts(settings)];
}

function findAuthTypeConflicts(settings: Settings): SettingProblem[] {
  const types = settings.AUTH_TYPE;
  const unknown = types.find((type) => type === 'matrix' || type === 'hybrid_matrix_token');
  if (unknown !== undefined) {
    return [
      {
        name: 'AUTH_TYPE',
        message: `AUTH_TYPE=${unknown} is not available yet: expected internal, jwt, ldap or oidc. Set one or several of these, or ENABLE_AUTH=0 for a server that is open to everybody.`,
      },
    ];
  }
  if (types.includes('internal') && types.includes('ldap')) {
    return [
      {
        name: 'AUTH_TYPE',
        message: `AUTH_TYPE=${types.join(',')}: expected one place where passwords are. Remove internal or ldap.`,
      },
    ];
  }
  return [
    ...(types.includes('ldap') ? findLdapConflicts(settings) : []),
    ...(types.includes('jwt') ? findTokenConflicts(settings) : []),
  ];
}

function findTokenConflicts(settings: Settings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (settings.JWT_APP_ID === '' && settings.JWT_ACCEPTED_ISSUERS.length === 0) {
    problems.push({
      name: 'JWT_APP_ID',
      message:
        'AUTH_TYPE=jwt without JWT_APP_ID: expected the issuer that tokens must name. Set JWT_APP_ID or JWT_ACCEPTED_ISSUERS.',
    });
  }
  const { JWT_APP_SECRET, JWT_ASAP_KEYSERVER, JWT_JWKS_URL } = settings;
  if (JWT_APP_SECRET === '' && JWT_ASAP_KEYSERVER === undefined && JWT_JWKS_URL === undefined) {
    problems.push({
      name: 'JWT_APP_SECRET',
      message:
        'AUTH_TYPE=jwt without anything to verify tokens with. Set JWT_APP_SECRET, JWT_ASAP_KEYSERVER or JWT_JWKS_URL.',
    });
  }
  return problems;
}
