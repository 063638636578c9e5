/**
 * The XMPP server without I/O: streams, sessions, router, domain and rooms put together. Each entry
 * takes the time; the caller runs `handleTimeout` at `nextTimeoutMs`.
 */
import { type AuditLog, type Logger, noAuditLog, type RandomSource } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import type { Jid } from '@conclave/protocols/xmpp';
import { XmppMetrics } from '../metrics.ts';
import type { XmppServerOptions } from '../options.ts';
import { Administration } from './administration.ts';
import type { Authenticate, LoginRequest, LoginStep } from './authenticator.ts';
import { BoshService } from './bosh/bosh-service.ts';
import type { BoshRespond } from './bosh/bosh-session.ts';
import type { ComponentPort } from './component-port.ts';
import type { CoreContext } from './context.ts';
import { Deadlines } from './deadlines.ts';
import { DomainService } from './domain-service.ts';
import { addFeatures } from './features/features.ts';
import type { Visitors } from './features/visitors.ts';
import type { Identity } from './identity.ts';
import { InputQueue } from './input-queue.ts';
import { LoginGate } from './login-gate.ts';
import type { MucHooks } from './muc/hooks.ts';
import { MucService, type RoomKind } from './muc/muc-service.ts';
import { PreparedStanza } from './prepared-stanza.ts';
import { Router } from './router.ts';
import type { Session, StreamContext } from './session.ts';
import { SessionRegistry } from './session-registry.ts';
import { Stream, type StreamHost, type StreamTransport } from './stream.ts';

/** Monotonic and Unix time of an input, ms. */
export interface InputTime {
  readonly nowMs: number;
  readonly wallMs: number;
}

export class XmppCore implements StreamHost {
  readonly core: CoreContext;
  readonly sessions: SessionRegistry;
  readonly muc: MucService;
  /** All of them: conferences, lobbies … */
  readonly #mucServices: readonly MucService[];
  readonly #administration: Administration;
  readonly #visitors: Visitors | undefined;
  readonly #router: Router;
  readonly #domainService: DomainService;
  readonly #logins: LoginGate;
  readonly #bosh: BoshService;
  readonly #streams = new Set<Stream>();
  readonly #streamsByAddress = new Map<string, number>();

  constructor(
    deps: { readonly random: RandomSource; readonly logger: Logger; readonly audit?: AuditLog },
    options: XmppServerOptions,
    time: InputTime,
    authenticate?: Authenticate,
  ) {
    this.core = {
      ...time,
      audit: noAuditLog,
      ...deps,
      metrics: new XmppMetrics(),
      options,
      deadlines: new Deadlines(),
      inputs: new InputQueue(),
    };
    this.sessions = new SessionRegistry(this.core, (session) => this.#sessionEnded(session));
    this.#logins = new LoginGate(this.core, authenticate);
    this.muc = new MucService(this.core);
    this.#router = new Router(this.core, this.sessions);
    const features = addFeatures(this.core, this.#router, this.muc);
    const { identities, services, clientFeatures } = features;
    this.#visitors = features.visitors;
    this.#mucServices = [this.muc, ...services];
    this.#administration = new Administration(
      this.muc,
      services.filter(({ kind }) => kind === 'breakout'),
      features.lobby,
    );
    const domainService = new DomainService(this.core, identities, clientFeatures);
    this.#domainService = domainService;
    this.#router.addService(options.domain, domainService);
    for (const { domain } of options.loginDomains) this.#router.addService(domain, domainService);
    this.#router.addService(options.mucDomain, this.muc);
    this.#bosh = new BoshService(this.core, (transport, context) =>
      this.acceptStream(transport, context, this.core),
    );
  }

  get nextTimeoutMs(): number | undefined {
    return this.core.deadlines.nextMs;
  }

  handleTimeout(time: InputTime): void {
    this.#at(time);
    this.core.deadlines.runDue(time.nowMs, (action) =>
      this.core.inputs.push(action, (error) => this.#reportFailure(error)),
    );
  }

  /** `undefined` when there are too many connections already. */
  acceptStream(
    transport: StreamTransport,
    context: StreamContext,
    time: InputTime,
  ): Stream | undefined {
    this.#at(time);
    const { metrics, options } = this.core;
    const fromAddress = this.#streamsByAddress.get(context.remoteAddress) ?? 0;
    if (
      this.#streams.size >= options.limits.maxStreams ||
      fromAddress >= options.limits.maxStreamsPerAddress
    ) {
      metrics.streamsRefused++;
      return undefined;
    }
    const stream = new Stream(this, transport, context);
    this.#streams.add(stream);
    this.#streamsByAddress.set(context.remoteAddress, fromAddress + 1);
    metrics.streams++;
    metrics.streamsAccepted++;
    return stream;
  }

  /** One HTTP request of BOSH; `respond` is called once, now or later. */
  handleBoshRequest(
    text: string,
    context: StreamContext,
    respond: BoshRespond,
    time: InputTime,
  ): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        this.#bosh.handleRequest(text, context, respond);
      },
      (error) => this.#reportFailure(error),
    );
  }

  handleMessage(stream: Stream, text: string, time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        stream.handleMessage(text);
      },
      (error) => stream.handleFailure(error),
    );
  }

  logIn(request: LoginRequest, done: (step: LoginStep) => void): void {
    this.#logins.logIn(request, done);
  }

  /** The answer to a login, when it comes later. */
  handleLoginResult(done: () => void, time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        done();
      },
      (error) => this.#reportFailure(error),
    );
  }

  handleClose(stream: Stream, time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        stream.handleClose();
      },
      (error) => this.#reportFailure(error),
    );
  }

  attachComponent(
    domains: readonly string[],
    onStanza: (stanza: XmlElement) => void,
  ): ComponentPort {
    return this.#router.attachComponent(domains, onStanza);
  }

  handleComponentStanza(port: ComponentPort, stanza: XmlElement, time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        this.#router.routeFromComponent(stanza, port);
      },
      (error) => this.#reportFailure(error),
    );
  }

  /** Whether the session with this full JID is to come into `room` (bare) as a visitor; if not, its place is kept for a while. */
  expectsVisitor(room: Jid, fullJid: string, time: InputTime): boolean {
    this.#at(time);
    const session = this.sessions.find(fullJid);
    return session !== undefined && this.#visitors?.expects(room, session) === true;
  }

  hooksOf(kind: RoomKind): MucHooks | undefined {
    return this.#mucServices.find((service) => service.kind === kind)?.hooks;
  }

  /** Undefined when `act` failed. */
  administer<T>(act: (rooms: Administration) => T, time: InputTime): T | undefined {
    let result: T | undefined;
    this.core.inputs.push(
      () => {
        this.#at(time);
        result = act(this.#administration);
      },
      (error) => this.#reportFailure(error),
    );
    return result;
  }

  /** Ends those sessions whose log-in is worth nothing any more. */
  endSessions(isMeant: (realJid: Jid, identity: Identity) => boolean, time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        const meant = [...this.sessions.sessions()].filter((s) => isMeant(s.jid, s.identity));
        for (const session of meant) session.fail('not-authorized');
      },
      (error) => this.#reportFailure(error),
    );
  }

  /** Ends every stream and session. */
  shutDown(time: InputTime): void {
    this.core.inputs.push(
      () => {
        this.#at(time);
        for (const stream of [...this.#streams]) stream.shutDown();
        for (const session of [...this.sessions.sessions()]) session.end();
      },
      (error) => this.#reportFailure(error),
    );
  }

  handleStanza(session: Session, stanza: XmlElement): void {
    if (stanza.name === 'presence' && stanza.attribute('to') === undefined) {
      // Availability as such has no meaning here: there are no contacts.
      if (stanza.attribute('type') !== 'unavailable') return;
      for (const service of this.#mucServices) service.leaveAll(session.jid, stanza);
      return;
    }
    this.#router.routeFromSession(stanza, session);
  }

  greet(session: Session): void {
    if (!this.core.options.greetsClients || session.context.room === undefined) return;
    const greeting = this.#domainService.greeting(session.jid.domain);
    session.deliver(new PreparedStanza(greeting));
  }

  streamClosed(stream: Stream): void {
    if (!this.#streams.delete(stream)) return;
    this.core.metrics.streams--;
    const { remoteAddress } = stream.context;
    const count = (this.#streamsByAddress.get(remoteAddress) ?? 1) - 1;
    if (count === 0) this.#streamsByAddress.delete(remoteAddress);
    else this.#streamsByAddress.set(remoteAddress, count);
  }

  #sessionEnded(session: Session): void {
    this.core.logger.info('xmpp.session.ended', { session: session.jid.resource });
    for (const service of this.#mucServices) service.handleSessionEnd(session.jid);
  }

  #at(time: InputTime): void {
    this.core.nowMs = time.nowMs;
    this.core.wallMs = time.wallMs;
  }

  #reportFailure(error: unknown): void {
    this.core.metrics.internalErrors++;
    this.core.logger.error('xmpp.input.failed', { error });
  }
}
