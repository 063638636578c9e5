/** The XMPP server with real time: one timer for the core's next deadline. No decisions here. */
import type { AuditLog, Clock, Logger, RandomSource, TimerHandle, Timers } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import type { Jid } from '@conclave/protocols/xmpp';
import type { Administration } from '../core/administration.ts';
import type { Authenticator, LoginResult, LoginStep } from '../core/authenticator.ts';
import { writeBody } from '../core/bosh/body.ts';
import type { Identity } from '../core/identity.ts';
import type { MucHooks } from '../core/muc/hooks.ts';
import type { RoomKind } from '../core/muc/muc-service.ts';
import type { StreamContext } from '../core/session.ts';
import type { StreamTransport } from '../core/stream.ts';
import { type InputTime, XmppCore } from '../core/xmpp-core.ts';
import type { XmppMetrics } from '../metrics.ts';
import {
  DEFAULT_XMPP_LIMITS,
  DEFAULT_XMPP_OPTIONS,
  type XmppLimits,
  type XmppServerOptions,
} from '../options.ts';

export interface XmppServerDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Log-ins, refusals and what moderators do. */
  readonly audit?: AuditLog;
  /** Absent: everybody may in. */
  readonly authenticator?: Authenticator;
}

/** What the web listener calls for one connection. */
export interface StreamHandle {
  /** One text message; binary messages are a reason to close the socket. */
  handleMessage(text: string): void;
  /** The socket is gone, for whatever reason. Idempotent. */
  handleClose(): void;
}

/** An in-process entity with addresses of its own (the focus). */
export interface ComponentHandle {
  /** `from` must be on one of the component's domains, `to` is required. */
  send(stanza: XmlElement): void;
}

export type XmppServerSettings = Partial<Omit<XmppServerOptions, 'limits'>> & {
  readonly limits?: Partial<XmppLimits>;
};

const SHUT_DOWN_BODY = writeBody({ type: 'terminate', condition: 'system-shutdown' });

export class XmppServer {
  readonly #deps: XmppServerDependencies;
  readonly #core: XmppCore;
  #timer: { readonly dueMs: number; readonly handle: TimerHandle } | undefined;
  #isClosed = false;

  /** What is not set has its default. */
  constructor(deps: XmppServerDependencies, settings: XmppServerSettings = {}) {
    this.#deps = deps;
    const limits = { ...DEFAULT_XMPP_LIMITS, ...settings.limits };
    const given = { ...DEFAULT_XMPP_OPTIONS, ...settings, limits };
    // Addresses are compared in their normal form (RFC 7622 §3.2).
    const options = {
      ...given,
      domain: given.domain.toLowerCase(),
      loginDomains: (
        settings.loginDomains ?? [{ domain: given.domain, anonymous: 'everybody', passwords: [] }]
      ).map((login) => ({ ...login, domain: login.domain.toLowerCase() })),
      mucDomain: given.mucDomain.toLowerCase(),
      focusJid: given.focusJid.toLowerCase(),
      ownerDomains: given.ownerDomains.map((domain) => domain.toLowerCase()),
    };
    const { authenticator } = deps;
    this.#core = new XmppCore(
      {
        random: deps.random,
        logger: deps.logger,
        ...(deps.audit !== undefined && { audit: deps.audit }),
      },
      options,
      this.#time(),
      authenticator &&
        ((request, done) => void this.#await(() => authenticator.authenticate(request), done)),
    );
  }

  get metrics(): XmppMetrics {
    return this.#core.core.metrics;
  }

  /**
   * A WebSocket with subprotocol `xmpp` was opened; `context` holds its query parameters. The
   * transport is closed at once when there are too many connections.
   */
  acceptStream(transport: StreamTransport, context: StreamContext): StreamHandle {
    const stream = this.#isClosed
      ? undefined
      : this.#core.acceptStream(transport, context, this.#time());
    if (stream === undefined) {
      transport.close();
      return { handleMessage() {}, handleClose() {} };
    }
    this.#schedule();
    return {
      handleMessage: (text) => {
        this.#core.handleMessage(stream, text, this.#time());
        this.#schedule();
      },
      handleClose: () => {
        this.#core.handleClose(stream, this.#time());
        this.#schedule();
      },
    };
  }

  /**
   * The body of one POST to the BOSH address; `respond` gets the answer's body, once, now or when there
   * is something to say. `context` counts in the request that opens a session.
   */
  handleBoshRequest(text: string, context: StreamContext, respond: (text: string) => void): void {
    if (this.#isClosed) {
      respond(SHUT_DOWN_BODY);
      return;
    }
    this.#core.handleBoshRequest(text, context, respond, this.#time());
    this.#schedule();
  }

  /**
   * Gives an in-process component the stanzas for `domains`. `onStanza` is never called from inside
   * `send`; what it is given is shared and must not be changed.
   */
  attachComponent(
    domains: readonly string[],
    onStanza: (stanza: XmlElement) => void,
  ): ComponentHandle {
    const port = this.#core.attachComponent(domains, onStanza);
    return {
      send: (stanza) => {
        if (this.#isClosed) return;
        this.#core.handleComponentStanza(port, stanza, this.#time());
        this.#schedule();
      },
    };
  }

  /** Lets the administrator of the server look at rooms and act in them; undefined when `act` failed. */
  administer<T>(act: (rooms: Administration) => T): T | undefined {
    if (this.#isClosed) return undefined;
    const result = this.#core.administer(act, this.#time());
    this.#schedule();
    return result;
  }

  /**
   * The points at which others take part in rooms; undefined when there are no rooms of this kind. Handlers
   * run inside the server's inputs.
   */
  hooksOf(kind: RoomKind): MucHooks | undefined {
    return this.#core.hooksOf(kind);
  }

  /** Who the session with this full JID belongs to; undefined when there is none. */
  identityOf(fullJid: string): Identity | undefined {
    return this.#core.sessions.find(fullJid)?.identity;
  }

  /**
   * Whether somebody may be made moderator for having come first: not when the login says otherwise, nor
   * in a kept room that has moderators of its own.
   */
  mayLead(realJid: Jid, room: Jid): boolean {
    if (this.identityOf(realJid.full)?.isModerator === false) return false;
    return !this.#core.core.options.roomStore?.find(room.bare)?.moderators.length;
  }

  /**
   * Whether the session with this full JID is to come into `room` (bare) as a visitor, because it is full. If not, its
   * place is kept for a while.
   */
  expectsVisitor(room: Jid, fullJid: string): boolean {
    return this.#core.expectsVisitor(room, fullJid, this.#time());
  }

  /** Where the client of this session (a full JID) reaches this server: `wss://host:port`, as its stream said. */
  originOf(fullJid: string): string | undefined {
    return this.#core.sessions.find(fullJid)?.context.origin;
  }

  /** The room whose rules of entry count for `room` (a bare JID): for a breakout room its main room. */
  entryRoomOf(room: Jid): Jid {
    return this.#core.muc.rooms.entryRoomOf(room);
  }

  /** Accounts with sessions, once each. */
  accountsInUse(): Set<string> {
    const accounts = new Set<string>();
    for (const { identity } of this.#core.sessions.sessions()) {
      if (identity.account !== undefined) accounts.add(identity.account);
    }
    return accounts;
  }

  /** Logs out whom `isMeant` says; they are told why. */
  endSessions(isMeant: (realJid: Jid, identity: Identity) => boolean): void {
    if (this.#isClosed) return;
    this.#core.endSessions(isMeant, this.#time());
    this.#schedule();
  }

  /** Disconnects everybody with `system-shutdown`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.handle.cancel();
    this.#core.shutDown(this.#time());
  }

  async #await(ask: () => Promise<LoginResult>, done: (step: LoginStep) => void): Promise<void> {
    let result: LoginResult;
    try {
      result = await ask();
    } catch (error) {
      this.#deps.logger.error('xmpp.login.failed', { error });
      result = { type: 'refused', condition: 'temporary-auth-failure' };
    }
    if (this.#isClosed) return;
    this.#core.handleLoginResult(() => done(this.#stepOf(result)), this.#time());
    this.#schedule();
  }

  #stepOf(result: LoginResult): LoginStep {
    if (result.type !== 'challenge') return result;
    return {
      ...result,
      respond: (response, done) => void this.#await(() => result.respond(response), done),
    };
  }

  #time(): InputTime {
    return { nowMs: this.#deps.clock.nowMs(), wallMs: this.#deps.clock.wallMs() };
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const dueMs = this.#core.nextTimeoutMs;
    if (dueMs === undefined || (this.#timer !== undefined && this.#timer.dueMs <= dueMs)) return;
    this.#timer?.handle.cancel();
    const delayMs = Math.max(0, dueMs - this.#deps.clock.nowMs());
    const handle = this.#deps.timers.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#core.handleTimeout(this.#time());
      this.#schedule();
    });
    this.#timer = { dueMs, handle };
  }
}
