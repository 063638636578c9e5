/**
 * Who may log in where, and how, as the settings want it: tokens, accounts of this server, guests. Each
 * way is a part of `access`; here they are put behind the one question that the XMPP server asks.
 */
import {
  AccountStore,
  Accounts,
  DEFAULT_LOCK_OUT,
  Derivations,
  DerivationWorker,
  type LdapDirectory,
  type PasswordCheck,
  PasswordLogins,
  type PasswordVerdict,
  type SessionTokens,
} from '@conclave/access';
import { randomToken } from '@conclave/base';
import {
  ANONYMOUS,
  type Authenticator,
  type LoginDomain,
  type LoginRequest,
  type LoginResult,
  type PasswordMechanism,
  VISITOR_DOMAIN,
} from '@conclave/xmpp-server';
import { createLdapDirectory, probeDirectory } from './ldap-directory.ts';
import { createLogInRoutes, createSessionTokens, type LogInDependencies } from './log-in.ts';
import type { Settings } from './settings/index.ts';
import { createTokenLogins, secretsOf } from './token-logins.ts';
import type { LockedOut, LogInRoutes } from './web/log-in-routes.ts';

/** What `AUTH_TYPE=internal` keeps. */
export interface AccountDesk {
  readonly store: AccountStore;
  readonly accounts: Accounts;
  readonly derivations: Derivations;
  close(): Promise<void>;
}

export interface Logins {
  /** Undefined: everybody may in. */
  readonly authenticator: Authenticator | undefined;
  readonly domains: readonly LoginDomain[];
  readonly desk: AccountDesk | undefined;
  /** Takes over what may change while the server runs: the secrets of tokens. */
  reload(settings: Settings): void;
  /** Ends what asks and keeps: connections to a directory, the thread for passwords, the accounts. */
  close(): Promise<void>;
  /** The pages under `/login`. */
  readonly pages: LogInRoutes | undefined;
}

interface Ways {
  readonly tokens: Authenticator;
  readonly passwords: PasswordLogins | undefined;
  /** Undefined: nobody may in without proof. */
  readonly guestDomain: string | undefined;
}

const SECRET_FILE = 'keys/accounts.secret';

/** Throws StorageError. */
export function createLogins(deps: LogInDependencies, settings: Settings): Logins {
  const { XMPP_DOMAIN: domain } = settings;
  if (!settings.ENABLE_AUTH) {
    const main: LoginDomain = { domain, anonymous: 'everybody', passwords: [] };
    const domains = [main, ...visitorDomains(settings, main)];
    const nothing = { authenticator: undefined, desk: undefined, pages: undefined };
    return { ...nothing, domains, reload() {}, async close() {} };
  }
  const desk = settings.AUTH_TYPE.includes('internal') ? openDesk(deps) : undefined;
  const directory = settings.AUTH_TYPE.includes('ldap') ? openDirectory(deps, settings) : undefined;
  const keeper = desk?.accounts ?? directory;
  const passwords = keeper && createPasswordLogins(deps, settings, keeper, desk?.accounts);
  const sessions = createSessionTokens(deps, settings);
  const tokens = createTokenLogins(deps, settings, sessions);
  const ways: Ways = {
    tokens: withAccounts(tokens.authenticator, sessions, desk),
    passwords,
    guestDomain: settings.ENABLE_GUESTS ? settings.XMPP_GUEST_DOMAIN : undefined,
  };
  const verify = passwords && pagePasswordCheck(passwords);
  return {
    authenticator: { authenticate: (request) => authenticate(request, ways) },
    domains: loginDomains(settings, ways),
    desk,
    reload: (changed) => tokens.application.setSecrets(secretsOf(changed)),
    close: async () => {
      directory?.close();
      await desk?.close();
    },
    pages: createLogInRoutes(deps, settings, sessions, verify),
  };
}

function loginDomains(settings: Settings, { passwords, guestDomain }: Ways): LoginDomain[] {
  const main: LoginDomain = {
    domain: settings.XMPP_DOMAIN,
    // Without a token the answer says that one is required; passwords have no such detour.
    anonymous: passwords === undefined ? 'everybody' : 'with-token',
    passwords: passwords === undefined ? [] : passwordMechanisms(settings),
  };
  if (guestDomain === undefined) return [main, ...visitorDomains(settings, main)];
  const guests: LoginDomain = { domain: guestDomain, anonymous: 'everybody', passwords: [] };
  return [main, guests, ...visitorDomains(settings, guests)];
}

/** Clients that are sent to the visitor node log in there, by the ways that `open` has. */
function visitorDomains(settings: Settings, open: LoginDomain): LoginDomain[] {
  return settings.ENABLE_VISITORS ? [{ ...open, domain: VISITOR_DOMAIN }] : [];
}

function passwordMechanisms(settings: Settings): PasswordMechanism[] {
  // A directory wants the password itself; it has no part in a proof without it.
  if (settings.AUTH_TYPE.includes('ldap')) return ['PLAIN'];
  const old: PasswordMechanism[] = settings.ENABLE_SCRAM_SHA_1 ? ['SCRAM-SHA-1'] : [];
  return ['SCRAM-SHA-256', ...old, 'PLAIN'];
}

function openDesk({ clock, random, state }: LogInDependencies): AccountDesk {
  const store = new AccountStore(clock, state);
  let secret = state.readText(SECRET_FILE)?.trim();
  if (secret === undefined || secret === '') {
    secret = randomToken(random, 40);
    state.writeText(SECRET_FILE, `${secret}\n`);
  }
  const worker = new DerivationWorker();
  const derivations = new Derivations(worker.derive);
  const close = async () => {
    // In this order: nobody is to ask the store for an account once it is closed.
    await worker.close();
    store.close();
  };
  return { store, derivations, accounts: new Accounts(store, derivations, secret), close };
}

function openDirectory(deps: LogInDependencies, settings: Settings): LdapDirectory {
  const directory = createLdapDirectory(deps, settings);
  void probeDirectory(directory, deps.logger);
  return directory;
}

function createPasswordLogins(
  deps: LogInDependencies,
  settings: Settings,
  check: PasswordCheck,
  accounts: Accounts | undefined,
): PasswordLogins {
  return new PasswordLogins(deps, check, accounts, {
    ...DEFAULT_LOCK_OUT,
    perAccountAndAddress: settings.LOGIN_MAX_FAILURES,
    perAddress: settings.LOGIN_MAX_FAILURES_PER_ADDRESS,
  });
}

/** For the page, with the locks that SASL has. */
function pagePasswordCheck(passwords: PasswordLogins) {
  return async (
    user: string,
    password: string,
    address: string,
  ): Promise<PasswordVerdict | LockedOut> => {
    const result = await passwords.verify(user, password, address);
    if (result.type === 'accepted') {
      const { account, user: person = {}, isModerator } = result.identity;
      return { type: 'accepted', account, user: person, isModerator };
    }
    if (result.type !== 'refused' || result.condition === 'not-authorized') {
      return { type: 'refused' };
    }
    const { lockedMinutes } = result;
    if (lockedMinutes !== undefined) return { type: 'locked', minutes: lockedMinutes };
    return { type: 'unavailable', reason: result.condition };
  };
}

/**
 * Whoever logged in to an account on our page is that account in rooms too, under an invented name as its client
 * expects, and no longer than there is such an account.
 */
function withAccounts(
  tokens: Authenticator,
  sessions: SessionTokens,
  desk: AccountDesk | undefined,
): Authenticator {
  return {
    authenticate: async (request) => {
      const result = await tokens.authenticate(request);
      const { token } = request;
      if (result.type !== 'accepted' || token === undefined || !sessions.isOurs(token)) {
        return result;
      }
      const account = await sessions.accountOf(token);
      if (account === undefined) {
        const providerLogin = await sessions.providerLoginOf(token);
        return providerLogin === undefined
          ? result
          : { ...result, identity: { ...result.identity, providerLogin } };
      }
      if (desk !== undefined && desk.accounts.holderOf(account) === undefined) {
        return { type: 'refused', condition: 'not-allowed', text: 'logged out', account };
      }
      return { ...result, identity: { ...result.identity, account, hasInventedName: true } };
    },
  };
}

async function authenticate(request: LoginRequest, ways: Ways): Promise<LoginResult> {
  const { mechanism, token, domain } = request;
  if (mechanism !== 'ANONYMOUS') {
    return (
      ways.passwords?.authenticate({ ...request, mechanism }) ??
      ({ type: 'refused', condition: 'invalid-mechanism' } as const)
    );
  }
  const isForGuests =
    ways.guestDomain !== undefined && (domain === ways.guestDomain || domain === VISITOR_DOMAIN);
  if (token === undefined && isForGuests) {
    return { type: 'accepted', identity: ANONYMOUS };
  }
  return ways.tokens.authenticate(request);
}
