/**
 * Sees what the `conclave` command changes while the server runs: an account that was disabled or
 * removed is logged out everywhere, at once as people understand it.
 */
import type { Logger, TimerHandle, Timers } from '@conclave/base';
import type { Focus } from '@conclave/focus';
import type { XmppServer } from '@conclave/xmpp-server';
import type { Logins } from './logins.ts';

export interface AccountWatchDependencies {
  readonly timers: Timers;
  /** Another number whenever somebody else has written. */
  readonly version: () => number;
  /** Whether somebody may log in under this name. */
  readonly isGood: (account: string) => boolean;
  /** Of sessions, once each. */
  readonly accountsInUse: () => Iterable<string>;
  readonly end: (account: string) => void;
  readonly failed: (error: unknown) => void;
}

const LOOK_EVERY_MS = 2_000;

export class AccountWatch {
  readonly #deps: AccountWatchDependencies;
  #version: number;
  #timer: TimerHandle;

  constructor(deps: AccountWatchDependencies) {
    this.#deps = deps;
    this.#version = deps.version();
    this.#timer = this.#schedule();
  }

  close(): void {
    this.#timer.cancel();
  }

  #schedule(): TimerHandle {
    return this.#deps.timers.schedule(LOOK_EVERY_MS, () => {
      try {
        this.#look();
      } catch (error) {
        this.#deps.failed(error); // the file may be busy; another look comes
      }
      this.#timer = this.#schedule();
    });
  }

  #look(): void {
    const version = this.#deps.version();
    if (version === this.#version) return;
    for (const account of this.#deps.accountsInUse()) {
      if (!this.#deps.isGood(account)) this.#deps.end(account);
    }
    this.#version = version;
  }
}

/** Undefined when there are no accounts of this server. */
export function watchAccounts(
  { timers, logger }: { readonly timers: Timers; readonly logger: Logger },
  { desk }: Logins,
  xmpp: XmppServer,
  focus: Focus,
): AccountWatch | undefined {
  if (desk === undefined) return undefined;
  return new AccountWatch({
    timers,
    version: () => desk.store.externalVersion,
    isGood: (account) => desk.accounts.holderOf(account) !== undefined,
    accountsInUse: () => new Set([...xmpp.accountsInUse(), ...focus.accountsInUse()]),
    end: (account) => {
      const jids = new Set(focus.endAccount(account));
      xmpp.endSessions((jid, identity) => identity.account === account || jids.has(jid.full));
    },
    failed: (error) => logger.warn('access.accounts.unreadable', { error }),
  });
}
