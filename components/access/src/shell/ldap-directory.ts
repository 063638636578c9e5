/**
 * Log-ins against a directory (`AUTH_TYPE=ldap`), in the three ways of Cyrus' saslauthd: find the
 * person and try the password (bind), find it and compare (custom), or make the DN (fastbind).
 */
import type { Logger } from '@conclave/base';
import {
  holderFromEntry,
  type LdapEntry,
  PERSON_ATTRIBUTES,
  storedPasswords,
} from '../core/ldap-entry.ts';
import { LDAP_RESULT } from '../core/ldap-faults.ts';
import { decidesModerators, type LdapOptions } from '../core/ldap-options.ts';
import {
  escapeDnValue,
  escapeFilterValue,
  expandTemplate,
  type LdapLogin,
  nameAttribute,
} from '../core/ldap-template.ts';
import type { PasswordCheck, PasswordVerdict } from '../core/password-check.ts';
import { LdapError, type LdapLink } from './ldap-link.ts';
import { LdapPool, type LdapPoolDependencies } from './ldap-pool.ts';
import { compareStoredPassword } from './stored-password.ts';

const MAX_NAME_LENGTH = 256;
const MAX_PASSWORD_LENGTH = 1024;
/** What saslauthd is told by an XMPP server. */
const SERVICE = 'xmpp';

export class LdapDirectory implements PasswordCheck {
  readonly #logger: Logger;
  readonly #options: LdapOptions;
  readonly #pool: LdapPool;

  constructor(deps: LdapPoolDependencies, options: LdapOptions) {
    this.#logger = deps.logger;
    this.#options = options;
    this.#pool = new LdapPool(deps, options);
  }

  async verifyPassword(user: string, password: string): Promise<PasswordVerdict> {
    if (!isTypeable(user, MAX_NAME_LENGTH) || !isTypeable(password, MAX_PASSWORD_LENGTH)) {
      return this.#refuse('an empty or impossible name or password', user);
    }
    const login: LdapLogin = { user, service: SERVICE, realm: this.#options.realm };
    const outcome = await this.#pool.use((link) => this.#check(link, login, password));
    return outcome.type === 'done' ? outcome.value : outcome;
  }

  /** Looks once whether the directory can be asked; undefined: it can, else why not. */
  async probe(): Promise<string | undefined> {
    const { method, base } = this.#options;
    const outcome = await this.#pool.use(async (link) => {
      if (method === 'fastbind') await link.connect();
      else if (base === '') await link.search('', { scope: 'base' });
      else await link.search(base, { scope: 'base', attributes: ['1.1'] });
    });
    return outcome.type === 'done' ? undefined : outcome.reason;
  }

  close(): void {
    this.#pool.close();
  }

  async #check(link: LdapLink, login: LdapLogin, password: string): Promise<PasswordVerdict> {
    return this.#options.method === 'fastbind'
      ? this.#checkByName(link, login, password)
      : this.#checkByEntry(link, login, password);
  }

  async #checkByName(link: LdapLink, login: LdapLogin, password: string): Promise<PasswordVerdict> {
    const dn = expandTemplate(this.#options.filter, login, escapeDnValue);
    if (!(await link.isPasswordOf(dn, password))) {
      return this.#refuse('wrong name or password', login.user, dn);
    }
    const [entry] = dn.includes('=')
      ? await link.search(dn, { scope: 'base', attributes: [...PERSON_ATTRIBUTES] }, 'person')
      : [];
    const holder = holderFromEntry(entry ?? { dn }, undefined, login.user);
    const isModerator = await this.#isModerator(link, { ...login, dn }, holder.account, 'person');
    return { type: 'accepted', ...holder, isModerator, person: dn };
  }

  async #checkByEntry(
    link: LdapLink,
    login: LdapLogin,
    password: string,
  ): Promise<PasswordVerdict> {
    const { base, filter, method } = this.#options;
    const named = nameAttribute(filter);
    const entries = await link.search(base, {
      scope: 'sub',
      filter: expandTemplate(filter, login, escapeFilterValue),
      attributes: [
        ...PERSON_ATTRIBUTES,
        ...(named === undefined ? [] : [named]),
        ...(method === 'custom' ? ['userPassword'] : []),
      ],
      explicitBufferAttributes: ['userPassword'],
    });
    const [entry] = entries;
    if (entry === undefined || entries.length > 1) {
      // About as long as for somebody who exists, so that time does not tell who does.
      if (method === 'bind') await link.isPasswordOf(`cn=nobody,${base}`, password);
      return this.#refuse(
        entry === undefined
          ? 'LDAP_FILTER finds nobody of that name below LDAP_BASE'
          : 'LDAP_FILTER finds several entries; make it more exact',
        login.user,
      );
    }
    const isRight =
      method === 'custom'
        ? this.#isStoredPassword(entry, password)
        : await link.isPasswordOf(entry.dn, password);
    if (!isRight) return this.#refuse('wrong password', login.user, entry.dn);
    const holder = holderFromEntry(entry, named, login.user);
    const about = { ...login, dn: entry.dn };
    const isModerator = await this.#isModerator(link, about, holder.account, 'service');
    return { type: 'accepted', ...holder, isModerator, person: entry.dn };
  }

  #isStoredPassword(entry: LdapEntry, password: string): boolean {
    const results = storedPasswords(entry).map((stored) => compareStoredPassword(stored, password));
    if (results.length === 0 || results.every((result) => result === 'unknown')) {
      this.#logger.warn('access.directory.password.unreadable', {
        message:
          'LDAP_AUTH_METHOD=custom: the directory gives no userPassword that can be compared here. Let LDAP_BINDDN read it, or use LDAP_AUTH_METHOD=bind.',
      });
    }
    return results.includes('equal');
  }

  async #isModerator(
    link: LdapLink,
    login: LdapLogin,
    account: string,
    as: 'service' | 'person',
  ): Promise<boolean | undefined> {
    const { moderatorFilter, moderatorGroups } = this.#options;
    if (!decidesModerators(this.#options)) return undefined;
    const dn = login.dn ?? '';
    if (moderatorFilter !== '') {
      const filter = expandTemplate(moderatorFilter, login, escapeFilterValue);
      const found = await link.search(dn, { scope: 'base', filter, attributes: ['1.1'] }, as);
      if (found.length > 0) return true;
    }
    const [person, name] = [escapeFilterValue(dn), escapeFilterValue(account)];
    const filter = `(|(member=${person})(uniqueMember=${person})(memberUid=${name}))`;
    for (const group of moderatorGroups) {
      if (await this.#isInGroup(link, group, filter, as)) return true;
    }
    return false;
  }

  async #isInGroup(
    link: LdapLink,
    group: string,
    filter: string,
    as: 'service' | 'person',
  ): Promise<boolean> {
    try {
      const found = await link.search(group, { scope: 'base', filter, attributes: ['1.1'] }, as);
      return found.length > 0;
    } catch (error) {
      if (!(error instanceof LdapError) || error.fault.code !== LDAP_RESULT.noSuchObject) {
        throw error;
      }
      this.#logger.warn('access.directory.group.missing', {
        message: `LDAP_MODERATOR_GROUPS: there is no group ${group}, or it is hidden from the account that searches. Correct the name.`,
      });
      return false;
    }
  }

  /** The name is personal, so it is told at debug only. */
  #refuse(reason: string, user: string, person?: string): PasswordVerdict {
    this.#logger.info('access.login.refused', { method: 'ldap', reason });
    this.#logger.debug('access.login.refused.name', { user: user.slice(0, 64) });
    return { type: 'refused', ...(person !== undefined && { person }) };
  }
}

function isTypeable(text: string, maxLength: number): boolean {
  return text !== '' && text.length <= maxLength && !/\p{Cc}/u.test(text);
}
