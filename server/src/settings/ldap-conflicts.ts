/** LDAP settings that are right alone but cannot work together, or that only a look at them all shows. */
import { findFilterProblem } from '@conclave/access';
import type { Settings } from './schema.ts';
import type { SettingProblem } from './setting-problem.ts';

type LdapSettings = Pick<Settings, Extract<keyof Settings, `LDAP_${string}`>>;

export function findLdapConflicts(settings: LdapSettings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const add = (name: string, message: string) => problems.push({ name, message });
  const { LDAP_URL, LDAP_FILTER, LDAP_MODERATOR_FILTER } = settings;
  if (LDAP_URL.length === 0) {
    add(
      'LDAP_URL',
      'AUTH_TYPE=ldap without LDAP_URL: expected a directory server. Set LDAP_URL, such as ldaps://ldap.example.com.',
    );
  }
  const plain = LDAP_URL.filter((url) => url.startsWith('ldap:'));
  if (settings.LDAP_START_TLS && plain.length < LDAP_URL.length) {
    add(
      'LDAP_START_TLS',
      'LDAP_START_TLS=1 with ldaps:// in LDAP_URL: expected one of the two ways to encrypt. Remove LDAP_START_TLS, or begin LDAP_URL with ldap://.',
    );
  }
  if (settings.LDAP_USE_TLS && !settings.LDAP_START_TLS && plain.length > 0) {
    add(
      'LDAP_USE_TLS',
      `LDAP_USE_TLS=1 with ${plain[0]} in LDAP_URL: nothing there would be encrypted. Begin LDAP_URL with ldaps://, or set LDAP_START_TLS=1.`,
    );
  }
  if (settings.LDAP_BINDDN !== '' && settings.LDAP_BINDPW === '') {
    add(
      'LDAP_BINDPW',
      'LDAP_BINDDN without LDAP_BINDPW: expected the password of the account that searches. Set LDAP_BINDPW, or remove LDAP_BINDDN to search anonymously.',
    );
  }
  if (settings.LDAP_BINDDN === '' && settings.LDAP_BINDPW !== '') {
    add(
      'LDAP_BINDDN',
      'LDAP_BINDPW without LDAP_BINDDN: expected the account that searches. Set LDAP_BINDDN, or remove LDAP_BINDPW to search anonymously.',
    );
  }
  if (settings.LDAP_AUTH_METHOD === 'fastbind') {
    if (!/%[uU]/.test(LDAP_FILTER)) {
      add(
        'LDAP_FILTER',
        'LDAP_FILTER is the DN with LDAP_AUTH_METHOD=fastbind: expected %u or %U in it, or everybody would be the same person. Write it like uid=%u,ou=people,dc=example,dc=com.',
      );
    } else if (/[()]/.test(LDAP_FILTER)) {
      add(
        'LDAP_FILTER',
        'LDAP_FILTER is the DN with LDAP_AUTH_METHOD=fastbind: expected no brackets. Write it like uid=%u,ou=people,dc=example,dc=com, or use LDAP_AUTH_METHOD=bind.',
      );
    }
  } else {
    const problem = findFilterProblem(LDAP_FILTER);
    if (problem !== undefined) {
      add('LDAP_FILTER', `LDAP_FILTER cannot be used: ${problem}. Write it like (uid=%u).`);
    } else if (!/%[uU]/.test(LDAP_FILTER)) {
      add(
        'LDAP_FILTER',
        'LDAP_FILTER has no %u or %U: expected the typed name in it, or everybody would be the same person. Write it like (uid=%u).',
      );
    }
  }
  if (LDAP_MODERATOR_FILTER !== '') {
    const problem = findFilterProblem(LDAP_MODERATOR_FILTER);
    if (problem !== undefined) {
      add(
        'LDAP_MODERATOR_FILTER',
        `LDAP_MODERATOR_FILTER cannot be used: ${problem}. Write it like (employeeType=teacher), or remove it.`,
      );
    }
  }
  return problems;
}
