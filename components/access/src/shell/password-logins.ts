/**
 * Log-ins with name and password: PLAIN (RFC 4616) over any keeper of passwords, SCRAM (RFC 5802, 7677)
 * over accounts, whose keys are here. Wrong tries are counted around both.
 */
import { randomBytes } from 'node:crypto';
import { type AuditLog, type Clock, type Logger, noAuditLog } from '@conclave/base';
import { addressKey } from '@conclave/platform/net';
import type { SaslFailureCondition } from '@conclave/protocols/xmpp';
import { normaliseAccountName } from '../core/account-name.ts';
import { LockOut, type LockOutOptions } from '../core/lock-out.ts';
import type { PasswordCheck, PasswordHolder, PasswordVerdict } from '../core/password-check.ts';
import { ScramExchange, type ScramMechanism } from '../core/scram-exchange.ts';
import { parseClientFirst } from '../core/scram-messages.ts';
import type { Accounts } from './accounts.ts';
import type { TokenHolder } from './token-logins.ts';

export interface PasswordRequest {
  readonly mechanism: 'PLAIN' | ScramMechanism;
  readonly domain: string;
  readonly initialResponse: string | undefined;
  readonly remoteAddress: string;
}

interface Refused {
  readonly type: 'refused';
  readonly condition: SaslFailureCondition;
  readonly text?: string;
  readonly account?: string;
  /** After too many tries: how long none is looked at. */
  readonly lockedMinutes?: number;
}

export type PasswordLogin =
  | { readonly type: 'accepted'; readonly identity: AccountHolder; readonly data?: string }
  | Refused
  | {
      readonly type: 'challenge';
      readonly data: string;
      respond(response: string): Promise<PasswordLogin>;
    };

export interface AccountHolder extends TokenHolder {
  readonly account: string;
}

export interface PasswordLoginDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit?: AuditLog;
}

/** Shown to people; it says nothing about whether the account exists. */
const LOCKED = 'too many failed log-ins: try again in';
const MAX_SHOWN_NAME = 64;
const MAX_PERSON = 1024;
/** Between two lines about log-ins that could not be checked. */
const QUIET_MS = 10_000;

export class PasswordLogins {
  readonly #deps: PasswordLoginDependencies;
  readonly #check: PasswordCheck;
  readonly #accounts: Accounts | undefined;
  readonly #lockOut: LockOut;
  /** Since the last line about it. */
  #unavailable = 0;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  /** `accounts` when SCRAM is offered. */
  constructor(
    deps: PasswordLoginDependencies,
    check: PasswordCheck,
    accounts: Accounts | undefined,
    lockOut: LockOutOptions,
  ) {
    this.#deps = deps;
    this.#check = check;
    this.#accounts = accounts;
    this.#lockOut = new LockOut(lockOut);
  }

  async authenticate(request: PasswordRequest): Promise<PasswordLogin> {
    const { initialResponse, mechanism } = request;
    const begin = (text: string) =>
      mechanism === 'PLAIN' ? this.#plain(request, text) : this.#scram(request, mechanism, text);
    if (initialResponse !== undefined) return begin(initialResponse);
    return { type: 'challenge', data: '', respond: begin };
  }

  /** The same check for the log-in page. */
  async verify(user: string, password: string, remoteAddress: string): Promise<PasswordLogin> {
    const account = shownName(user);
    const locked = this.#locked(account, remoteAddress);
    if (locked !== undefined) return locked;
    const verdict = await this.#check.verifyPassword(user, password, addressKey(remoteAddress));
    // Many may have begun before the first of them failed.
    const nowLocked = this.#locked(account, remoteAddress);
    if (nowLocked !== undefined) return nowLocked;
    const person = personMeant(verdict);
    if (person !== undefined && this.#locked(person, remoteAddress) !== undefined) {
      // As if it were wrong: a lock that shows under another name would tell that this one means somebody.
      return this.#conclude({ type: 'refused' }, account, remoteAddress);
    }
    return this.#conclude(verdict, account, remoteAddress, person);
  }

  async #plain(request: PasswordRequest, text: string): Promise<PasswordLogin> {
    const parts = text.split('\0');
    const [actAs = '', user = '', password = ''] = parts;
    if (parts.length !== 3 || user === '' || password === '') return refused('malformed-request');
    if (!mayActAs(actAs, user, request.domain)) return refused('not-authorized', user);
    return this.verify(user, password, request.remoteAddress);
  }

  async #scram(
    request: PasswordRequest,
    mechanism: ScramMechanism,
    text: string,
  ): Promise<PasswordLogin> {
    const accounts = this.#accounts;
    const first = parseClientFirst(text);
    if (first === undefined || accounts === undefined) return refused('malformed-request');
    if (!mayActAs(first.actAs, first.user, request.domain)) return refused('not-authorized');
    const { remoteAddress } = request;
    const account = shownName(first.user);
    const locked = this.#locked(account, remoteAddress);
    if (locked !== undefined) return locked;
    const name = normaliseAccountName(first.user) ?? '';
    const exchange = new ScramExchange(
      accounts.hashes(mechanism),
      first,
      accounts.scramKeys(name, mechanism),
      randomBytes(18).toString('base64url'),
    );
    return {
      type: 'challenge',
      data: exchange.challenge,
      respond: async (response) => {
        // Many may have begun before the first of them failed.
        const nowLocked = this.#locked(account, remoteAddress);
        if (nowLocked !== undefined) return nowLocked;
        const outcome = exchange.finish(response);
        if (outcome.type === 'malformed') return refused('malformed-request', account);
        const holder = outcome.type === 'proven' ? accounts.holderOf(name) : undefined;
        const verdict: PasswordVerdict =
          holder === undefined ? { type: 'refused' } : { type: 'accepted', ...holder };
        const result = this.#conclude(verdict, account, remoteAddress);
        return result.type === 'accepted' && outcome.type === 'proven'
          ? { ...result, data: outcome.signature }
          : result;
      },
    };
  }

  #locked(account: string, remoteAddress: string): Refused | undefined {
    const address = addressKey(remoteAddress);
    const lockedMs = this.#lockOut.lockedMs(account, address, this.#deps.clock.nowMs());
    if (lockedMs === 0) return undefined;
    const minutes = Math.ceil(lockedMs / 60_000);
    const text = `${LOCKED} ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
    return { type: 'refused', condition: 'not-allowed', text, account, lockedMinutes: minutes };
  }

  /** A flood of log-ins is no flood of lines. */
  #tellUnavailable(reason: string): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#unavailable++;
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + QUIET_MS;
    this.#deps.logger.warn('access.password.unavailable', { reason, times: this.#unavailable });
    this.#unavailable = 0;
  }

  #conclude(
    verdict: PasswordVerdict,
    account: string,
    remoteAddress: string,
    person?: string,
  ): PasswordLogin {
    const address = addressKey(remoteAddress);
    if (verdict.type === 'unavailable') {
      this.#tellUnavailable(verdict.reason);
      return refused('temporary-auth-failure', account);
    }
    if (verdict.type === 'accepted') {
      const name = normaliseAccountName(verdict.account);
      if (name !== undefined) {
        this.#lockOut.succeeded(account, address);
        if (person !== undefined) this.#lockOut.succeeded(person, address);
        return { type: 'accepted', identity: identityOf(verdict, name) };
      }
      this.#deps.logger.warn('access.password.name', {
        message: 'the name of this account cannot be used: it has spaces or one of "&\'/:<>@',
      });
      return refused('not-authorized', account);
    }
    if (this.#lockOut.failed(account, address, this.#deps.clock.nowMs(), person)) {
      this.#deps.logger.warn('access.login.locked', {
        message: 'too many failed log-ins; the audit log says whose',
      });
      const { audit = noAuditLog } = this.#deps;
      audit.record({ event: 'login.locked', actor: account, address: remoteAddress });
    }
    this.#deps.logger.debug('access.password.refused', { account });
    return refused('not-authorized', account);
  }
}

function refused(condition: SaslFailureCondition, account?: string): Refused {
  return { type: 'refused', condition, ...(account !== undefined && { account }) };
}

/** Nobody acts for others here (RFC 4616 §2, RFC 6120 §6.3.8). */
function mayActAs(actAs: string, user: string, domain: string): boolean {
  return actAs === '' || actAs.toLowerCase() === `${user.toLowerCase()}@${domain}`;
}

/** For counting, whatever was typed; a space before it, which no name that is typed has here. */
function personMeant(verdict: PasswordVerdict): string | undefined {
  if (verdict.type === 'unavailable' || verdict.person === undefined) return undefined;
  return ` ${verdict.person.normalize('NFKC').toLowerCase().slice(0, MAX_PERSON)}`;
}

/** For counting, and for logs: what people type may be anything. */
function shownName(user: string): string {
  const name = normaliseAccountName(user) ?? user.normalize('NFKC').toLowerCase();
  return name.replace(/\p{C}/gu, '').slice(0, MAX_SHOWN_NAME);
}

function identityOf({ user, isModerator }: PasswordHolder, account: string): AccountHolder {
  return {
    isAuthenticated: true,
    account,
    user,
    isModerator,
    features: undefined,
    refuseRoom: () => undefined,
  };
}
