/**
 * Who has logged in, for conferences that only such people may start (docs: protocol-signaling 5.6). A
 * log-in over XMPP gives the browser a session id; with it another connection of the same browser, one
 * that came as a guest, counts as logged in too.
 */
import { type RandomSource, randomToken } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { type Jid, NS, type StanzaError } from '@conclave/protocols/xmpp';

export interface FocusLogins {
  /** Whether whoever has this JID may start a conference without a session. */
  mayStart(realJid: Jid): boolean;
  /** The account that this connection logged in to; sessions are for these. */
  accountOf(realJid: Jid): LoggedInAccount | undefined;
  /** Log-ins happen outside of XMPP, by token: no session ids then. */
  readonly isExternal: boolean;
  /** How long a session id is good. */
  readonly lifetimeMs: number;
}

export interface LoggedInAccount {
  readonly name: string;
  /** Whether it is moderator of the rooms it enters. */
  readonly leads: boolean;
}

export interface LoginSession {
  readonly id: string;
  readonly account: LoggedInAccount;
  /** Bare JID, shown to the user as its login. */
  readonly identity: string;
  readonly machineUid: string;
  readonly endMs: number;
  /** Full JIDs of the connections that showed the id. */
  readonly jids: Set<string>;
}

export type LoginAnswer =
  | { readonly type: 'welcome'; readonly session: LoginSession | undefined }
  | { readonly type: 'refused'; readonly error: StanzaError };

export interface LoginClaim {
  readonly sessionId: string | undefined;
  readonly machineUid: string | undefined;
}

const MAX_SESSIONS = 20_000;
/** Connections with one session; more lose the oldest. */
const MAX_JIDS = 32;
const MAX_MACHINE_UID_LENGTH = 256;

/** COMPAT: makes clients forget the id and ask again without. */
export const SESSION_INVALID: StanzaError = {
  condition: 'not-acceptable',
  extra: [xml('session-invalid', NS.focus)],
};

export class LoginSessions {
  readonly #logins: FocusLogins;
  readonly #random: RandomSource;
  /** In the order in which they began, which is the order in which they end. */
  readonly #sessions = new Map<string, LoginSession>();
  /** By full JID, those that showed a session id. */
  readonly #byJid = new Map<string, LoginSession>();

  constructor(logins: FocusLogins, random: RandomSource) {
    this.#logins = logins;
    this.#random = random;
  }

  /** Whether this JID leads wherever it is: it showed the session of an account that does. */
  leads(realJid: Jid, nowMs: number): boolean {
    const session = this.#byJid.get(realJid.full);
    return session !== undefined && session.endMs > nowMs && session.account.leads;
  }

  /** What a conference request says about its sender. `exists`: the conference is there already. */
  handleRequest(from: Jid, claim: LoginClaim, exists: boolean, nowMs: number): LoginAnswer {
    this.#forgetEnded(nowMs);
    const { machineUid } = claim;
    if (machineUid !== undefined && machineUid.length > MAX_MACHINE_UID_LENGTH) {
      return refused({ condition: 'bad-request', text: 'machine-uid is too long' });
    }
    const account = this.#logins.accountOf(from);
    if (account !== undefined) {
      // COMPAT: whoever has just logged in never gets an error: LJM could not say which.
      if (machineUid === undefined || this.#logins.isExternal) return welcome(undefined);
      return welcome(this.#link(this.#sessionFor(account, machineUid, from.bare, nowMs), from));
    }
    if (claim.sessionId !== undefined) {
      const session = this.#sessions.get(claim.sessionId);
      if (session === undefined) return refused(SESSION_INVALID);
      if (machineUid !== undefined && machineUid !== session.machineUid) {
        return refused({ condition: 'not-acceptable', text: 'the session is of another browser' });
      }
      return welcome(this.#link(session, from));
    }
    if (exists || this.#logins.mayStart(from)) return welcome(undefined);
    return refused({ condition: 'not-authorized', text: 'the host has to log in' });
  }

  /** False when there is no such session. */
  logOut(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    this.#end(session);
    return true;
  }

  accounts(): string[] {
    return [...this.#sessions.values()].map(({ account }) => account.name);
  }

  /** The account is no more: nothing may be done with its sessions. Returns who had shown them. */
  endAccount(account: string): string[] {
    const jids: string[] = [];
    for (const session of [...this.#sessions.values()]) {
      if (session.account.name !== account) continue;
      jids.push(...session.jids);
      this.#end(session);
    }
    return jids;
  }

  #sessionFor(
    account: LoggedInAccount,
    machineUid: string,
    identity: string,
    nowMs: number,
  ): LoginSession {
    for (const session of this.#sessions.values()) {
      if (session.account.name !== account.name || session.machineUid !== machineUid) continue;
      if (session.account.leads === account.leads) return session;
      this.#end(session);
    }
    for (const session of this.#sessions.values()) {
      if (this.#sessions.size < MAX_SESSIONS) break;
      this.#end(session);
    }
    const session: LoginSession = {
      id: randomToken(this.#random, 24),
      account,
      identity,
      machineUid,
      endMs: nowMs + this.#logins.lifetimeMs,
      jids: new Set(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  #link(session: LoginSession, from: Jid): LoginSession {
    const { jids } = session;
    for (const jid of jids) {
      if (jids.size < MAX_JIDS) break;
      jids.delete(jid);
      this.#byJid.delete(jid);
    }
    jids.add(from.full);
    this.#byJid.set(from.full, session);
    return session;
  }

  #end(session: LoginSession): void {
    this.#sessions.delete(session.id);
    for (const jid of session.jids) this.#byJid.delete(jid);
  }

  #forgetEnded(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      if (session.endMs > nowMs) return;
      this.#end(session);
    }
  }
}

function welcome(session: LoginSession | undefined): LoginAnswer {
  return { type: 'welcome', session };
}

function refused(error: StanzaError): LoginAnswer {
  return { type: 'refused', error };
}
