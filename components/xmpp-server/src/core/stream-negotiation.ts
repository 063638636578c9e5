/**
 * What comes before a stream has a session: open → SASL → open → bind or resume (RFC 6120 §4-7, XEP-0198 §5).
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  iqResult,
  Jid,
  NS,
  parseHandledCount,
  type SaslMechanism,
  saslMechanisms,
  streamFeatures,
} from '@conclave/protocols/xmpp';
import type { LoginRequest, LoginStep } from './authenticator.ts';
import type { CoreContext } from './context.ts';
import { ANONYMOUS, type Identity } from './identity.ts';
import { mechanismsFor } from './login-domain.ts';
import { SaslNegotiation } from './sasl-negotiation.ts';
import type { Session, SessionStream, StreamContext } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';

/** What a stream asks of the server before it has a session. */
export interface NegotiationHost {
  readonly core: CoreContext;
  readonly sessions: SessionRegistry;
  /** Calls `done` once, at once or later. */
  logIn(request: LoginRequest, done: (step: LoginStep) => void): void;
  /** A session has a stream; it is told its address next. */
  greet(session: Session): void;
}

/** The stream that is to have a session. */
export interface NegotiatingStream extends SessionStream {
  readonly context: StreamContext;
  readonly isClosed: boolean;
}

/** What the stream does for its negotiation. */
export interface NegotiationActions {
  /** An open frame came: whatever comes next, one of ours goes first. */
  owesOpen(): void;
  sendOpen(): void;
  sendElement(element: XmlElement): void;
  /** From now on the client has so long for what is next. */
  limitTime(limitMs: number): void;
  /** From now on what comes is for `session`. */
  enterBound(session: Session): void;
}

type Stage = 'opening' | 'authenticating' | 'reopening' | 'binding';

export class StreamNegotiation {
  readonly #host: NegotiationHost;
  readonly #stream: NegotiatingStream;
  readonly #actions: NegotiationActions;
  #stage: Stage = 'opening';
  /** The domain that the client logs in to. */
  #domain: string;
  #sasl: SaslNegotiation | undefined;
  #node: string | undefined;
  #identity: Identity = ANONYMOUS;
  /** The login is that of the session to resume: nothing new may be bound with it. */
  #mayOnlyResume = false;

  constructor(host: NegotiationHost, stream: NegotiatingStream, actions: NegotiationActions) {
    this.#host = host;
    this.#stream = stream;
    this.#actions = actions;
    this.#domain = host.core.options.domain;
  }

  get domain(): string {
    return this.#domain;
  }

  /** A frame's element, as long as there is no session. */
  handle(element: XmlElement): void {
    switch (this.#stage) {
      case 'opening':
      case 'reopening':
        this.#handleOpen(element);
        return;
      case 'authenticating':
        if (this.#sasl?.handle(element) !== true) this.#stream.fail('not-authorized');
        return;
      case 'binding':
        this.#handleBinding(element);
    }
  }

  #handleOpen(element: XmlElement): void {
    if (element.name !== 'open' || element.ns !== NS.framing) {
      this.#stream.fail('bad-format', 'open frame expected');
      return;
    }
    this.#actions.owesOpen();
    const { loginDomains } = this.#host.core.options;
    const named = element.attribute('to')?.toLowerCase();
    const domain = loginDomains.find((known) => known.domain === named);
    if (domain === undefined || (this.#stage === 'reopening' && domain.domain !== this.#domain)) {
      this.#stream.fail('host-unknown');
      return;
    }
    this.#domain = domain.domain;
    if (element.attribute('version') !== '1.0') {
      this.#stream.fail('unsupported-version');
      return;
    }
    this.#actions.sendOpen();
    const { context } = this.#stream;
    if (this.#stage === 'opening') {
      this.#negotiateLogin(mechanismsFor(domain, context));
      this.#stage = 'authenticating';
    } else {
      // No `session` feature: clients would make a round trip for nothing (RFC 6121 §1.4).
      const management = context.isBosh === true ? [] : [xml('sm', NS.sm)];
      this.#actions.sendElement(streamFeatures(xml('bind', NS.bind), ...management));
      this.#stage = 'binding';
    }
  }

  #negotiateLogin(offered: readonly SaslMechanism[]): void {
    const { context } = this.#stream;
    this.#sasl = new SaslNegotiation({
      context,
      domain: this.#domain,
      offered,
      send: (element) => this.#actions.sendElement(element),
      logIn: (request, done) => this.#host.logIn(request, done),
      resumed: () => this.#previousSession()?.loginWith(context.token),
      accepted: (identity, mayOnlyResume) => this.#loggedIn(identity, mayOnlyResume),
    });
    this.#actions.sendElement(streamFeatures(saslMechanisms(offered)));
  }

  /** The one that this client says it had, when it may be resumed here. */
  #previousSession(): Session | undefined {
    const { previd } = this.#stream.context;
    const session = previd === undefined ? undefined : this.#host.sessions.findResumable(previd);
    return session?.jid.domain === this.#domain ? session : undefined;
  }

  #loggedIn(identity: Identity, mayOnlyResume: boolean): void {
    if (this.#stage !== 'authenticating' || this.#stream.isClosed) return;
    this.#identity = identity;
    this.#mayOnlyResume = mayOnlyResume;
    const ownName = identity.hasInventedName ? undefined : identity.account;
    this.#node = ownName ?? this.#host.sessions.anonymousNode(this.#previousSession());
    this.#sasl = undefined;
    this.#stage = 'reopening';
    this.#actions.limitTime(this.#host.core.options.limits.bindTimeoutMs);
  }

  #handleBinding(element: XmlElement): void {
    if (element.name === 'resume' && element.ns === NS.sm) {
      this.#handleResume(element);
      return;
    }
    const bind = element.name === 'iq' ? element.child('bind', NS.bind) : undefined;
    const node = this.#node;
    if (bind === undefined || element.attribute('type') !== 'set' || node === undefined) {
      this.#stream.fail('not-authorized', 'bind a resource first');
      return;
    }
    if (this.#mayOnlyResume) {
      this.#stream.fail('not-authorized', 'log in again');
      return;
    }
    const user = new Jid(node, this.#domain);
    const { sessions } = this.#host;
    const session = sessions.bind(user, this.#stream, this.#stream.context, this.#identity);
    this.#actions.enterBound(session);
    this.#host.greet(session);
    const jid = xml('jid', NS.bind, {}, session.jid.full);
    const result = iqResult(element, xml('bind', NS.bind, {}, jid));
    this.#actions.sendElement(result.with({ to: undefined }));
  }

  #handleResume(element: XmlElement): void {
    const { core, sessions } = this.#host;
    const smId = element.attribute('previd') ?? '';
    const h = parseHandledCount(element.attribute('h'));
    const session = sessions.findResumable(smId);
    if (
      session === undefined ||
      h === undefined ||
      session.jid.bare !== `${this.#node}@${this.#domain}` ||
      session.acknowledge(h) !== 'ok'
    ) {
      core.metrics.resumesRefused++;
      this.#actions.sendElement(xml('failed', NS.sm, {}, xml('item-not-found', NS.stanzaErrors)));
      return;
    }
    core.metrics.sessionsResumed++;
    session.attach(this.#stream, this.#stream.context);
    this.#actions.enterBound(session);
    const handled = String(session.handledCount);
    this.#actions.sendElement(xml('resumed', NS.sm, { h: handled, previd: smId }));
    session.replay();
  }
}
