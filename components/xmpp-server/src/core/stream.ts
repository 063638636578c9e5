/**
 * One connection: RFC 7395 frames in, frames out. open → SASL → open → bind or resume → stanzas
 * (RFC 6120 §4-7). Knows nothing of rooms.
 */
import { randomToken } from '@conclave/base';
import { parseXml, writeXml, type XmlElement, xml } from '@conclave/protocols/xml';
import {
  CLOSE_FRAME,
  iqRequest,
  iqResult,
  isStanza,
  Jid,
  NS,
  openFrame,
  parseHandledCount,
  parseJid,
  type SaslMechanism,
  type StreamErrorCondition,
  saslMechanisms,
  streamError,
  streamFeatures,
} from '@conclave/protocols/xmpp';
import type { LoginRequest, LoginStep } from './authenticator.ts';
import type { CoreContext } from './context.ts';
import type { Deadline } from './deadlines.ts';
import { conditionForParseError, holdsStreamElement } from './frame-refusal.ts';
import { ANONYMOUS, type Identity } from './identity.ts';
import { mechanismsFor } from './login-domain.ts';
import { PreparedStanza } from './prepared-stanza.ts';
import { SaslNegotiation } from './sasl-negotiation.ts';
import type { Session, SessionStream, StreamContext } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';
import { SilenceWatch } from './silence-watch.ts';
import { StreamIntake } from './stream-intake.ts';
import { answerStreamManagement, plainAck } from './stream-management-requests.ts';

/** What the web listener supplies. `close` after the frames sent so far. */
export interface StreamTransport {
  send(text: string): void;
  close(): void;
  /** Bytes waiting in the socket, for the bound on slow consumers. */
  bufferedBytes?(): number;
}

export interface StreamHost {
  readonly core: CoreContext;
  readonly sessions: SessionRegistry;
  /** Calls `done` once, at once or later. */
  logIn(request: LoginRequest, done: (step: LoginStep) => void): void;
  /** A stanza of a bound session, `from` stamped. */
  handleStanza(session: Session, stanza: XmlElement): void;
  streamClosed(stream: Stream): void;
  /** A session has a stream; it is told its address next. */
  greet(session: Session): void;
}

type StreamState = 'opening' | 'authenticating' | 'reopening' | 'binding' | 'bound' | 'closed';

export class Stream implements SessionStream {
  readonly context: StreamContext;
  readonly #host: StreamHost;
  readonly #core: CoreContext;
  readonly #transport: StreamTransport;
  readonly #intake: StreamIntake;
  #state: StreamState = 'opening';
  #hasSentOpen = false;
  /** The domain that the client logs in to. */
  #domain: string;
  #sasl: SaslNegotiation | undefined;
  #node: string | undefined;
  #identity: Identity = ANONYMOUS;
  /** The login is that of the session to resume: nothing new may be bound with it. */
  #mayOnlyResume = false;
  #session: Session | undefined;
  #loginFrames = 0;
  #deadline: Deadline | undefined;
  #silence: SilenceWatch | undefined;

  constructor(host: StreamHost, transport: StreamTransport, context: StreamContext) {
    this.#host = host;
    this.#core = host.core;
    this.#transport = transport;
    this.context = context;
    this.#domain = host.core.options.domain;
    this.#intake = new StreamIntake(
      this.#core,
      (text) => this.#handleFrame(text),
      (error) => this.handleFailure(error),
    );
    this.#limitTime(this.#core.options.limits.loginTimeoutMs);
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** One text message of the socket. */
  handleMessage(text: string): void {
    if (this.#state === 'closed') return;
    const { metrics, options } = this.#core;
    metrics.framesReceived++;
    this.#silence?.heard();
    if (text.length > options.limits.maxFrameLength) {
      metrics.oversizeFrames++;
      this.fail('policy-violation', 'frame too long');
    } else if (this.#session === undefined) {
      if (++this.#loginFrames > options.limits.maxLoginFrames) this.fail('policy-violation');
      else this.#handleFrame(text);
    } else if (!this.#intake.accept(text)) {
      metrics.rateLimitClosures++;
      this.fail('policy-violation', 'too many stanzas');
    }
  }

  /** A sign of life that is no frame. */
  heard(): void {
    this.#silence?.heard();
  }

  /** The socket is gone. Idempotent. */
  handleClose(): void {
    if (this.#state === 'closed') return;
    const session = this.#session;
    this.#enterClosed();
    session?.detach(this);
  }

  /** A transport that fails is a lost connection, and never a matter of whoever sent to it. */
  send(text: string): void {
    if (this.#state === 'closed') return;
    try {
      this.#transport.send(text);
    } catch (error) {
      this.#core.logger.warn('xmpp.transport.failed', { error });
      this.#core.inputs.push(
        () => this.handleClose(),
        (failure) => this.handleFailure(failure),
      );
    }
  }

  bufferedBytes(): number {
    return this.#transport.bufferedBytes?.() ?? 0;
  }

  /** Unrecoverable (RFC 6120 §4.9.1.1): the session ends too. */
  fail(condition: StreamErrorCondition, text?: string): void {
    if (this.#state === 'closed') return;
    this.#core.metrics.streamErrors++;
    const session = this.#session;
    this.#closeWith(streamError(condition, text));
    session?.end();
  }

  /** A bug surfaced while handling input of this client: it alone is disconnected. */
  handleFailure(error: unknown): void {
    this.#core.metrics.internalErrors++;
    this.#core.logger.error('xmpp.stream.failed', { error });
    this.fail('internal-server-error');
  }

  supersede(): void {
    if (this.#state === 'closed') return;
    this.#closeWith(streamError('conflict', 'resumed elsewhere'));
  }

  /** Server shutdown: the close frame, without an error. */
  shutDown(): void {
    if (this.#state === 'closed') return;
    const session = this.#session;
    this.#closeWith(streamError('system-shutdown'));
    session?.end();
  }

  #handleFrame(text: string): void {
    if (this.#state === 'closed') return;
    const acknowledged = this.#session === undefined ? undefined : plainAck(text);
    if (acknowledged !== undefined) {
      if (this.#session?.acknowledge(acknowledged) === 'too-high') this.#failMiscounted();
      return;
    }
    const result = parseXml(text, {
      maxLength: this.#core.options.limits.maxFrameLength,
      maxDepth: this.#core.options.limits.maxDepth,
      maxElements: this.#core.options.limits.maxElements,
      maxAttributes: this.#core.options.limits.maxAttributes,
    });
    if (result.type === 'error') {
      this.#core.metrics.malformedFrames++;
      this.fail(conditionForParseError(result.reason));
      return;
    }
    const element = result.element;
    if (element.ns === NS.framing && element.name === 'close') this.#handleCloseFrame();
    else this.#handleElement(element);
  }

  #handleElement(element: XmlElement): void {
    switch (this.#state) {
      case 'opening':
      case 'reopening':
        this.#handleOpen(element);
        return;
      case 'authenticating':
        if (this.#sasl?.handle(element) !== true) this.fail('not-authorized');
        return;
      case 'binding':
        this.#handleBinding(element);
        return;
      case 'bound':
        this.#handleBound(element);
        return;
      case 'closed':
        return;
    }
  }

  #handleOpen(element: XmlElement): void {
    if (element.name !== 'open' || element.ns !== NS.framing) {
      this.fail('bad-format', 'open frame expected');
      return;
    }
    this.#hasSentOpen = false;
    const named = element.attribute('to')?.toLowerCase();
    const domain = this.#core.options.loginDomains.find((known) => known.domain === named);
    if (domain === undefined || (this.#state === 'reopening' && domain.domain !== this.#domain)) {
      this.fail('host-unknown');
      return;
    }
    this.#domain = domain.domain;
    if (element.attribute('version') !== '1.0') {
      this.fail('unsupported-version');
      return;
    }
    this.#sendOpen();
    if (this.#state === 'opening') {
      this.#negotiateLogin(mechanismsFor(domain, this.context));
      this.#state = 'authenticating';
    } else {
      // No `session` feature: clients would make a round trip for nothing (RFC 6121 §1.4).
      const management = this.context.isBosh === true ? [] : [xml('sm', NS.sm)];
      this.#sendElement(streamFeatures(xml('bind', NS.bind), ...management));
      this.#state = 'binding';
    }
  }

  #negotiateLogin(offered: readonly SaslMechanism[]): void {
    this.#sasl = new SaslNegotiation({
      context: this.context,
      domain: this.#domain,
      offered,
      send: (element) => this.#sendElement(element),
      logIn: (request, done) => this.#host.logIn(request, done),
      resumed: () => this.#previousSession()?.loginWith(this.context.token),
      accepted: (identity, mayOnlyResume) => this.#loggedIn(identity, mayOnlyResume),
    });
    this.#sendElement(streamFeatures(saslMechanisms(offered)));
  }

  /** The one that this client says it had, when it may be resumed here. */
  #previousSession(): Session | undefined {
    const { previd } = this.context;
    const session = previd === undefined ? undefined : this.#host.sessions.findResumable(previd);
    return session?.jid.domain === this.#domain ? session : undefined;
  }

  #loggedIn(identity: Identity, mayOnlyResume: boolean): void {
    if (this.#state !== 'authenticating') return;
    this.#identity = identity;
    this.#mayOnlyResume = mayOnlyResume;
    const ownName = identity.hasInventedName ? undefined : identity.account;
    this.#node = ownName ?? this.#host.sessions.anonymousNode(this.#previousSession());
    this.#sasl = undefined;
    this.#state = 'reopening';
    this.#limitTime(this.#core.options.limits.bindTimeoutMs);
  }

  #handleBinding(element: XmlElement): void {
    if (element.name === 'resume' && element.ns === NS.sm) {
      this.#handleResume(element);
      return;
    }
    const bind = element.name === 'iq' ? element.child('bind', NS.bind) : undefined;
    const node = this.#node;
    if (bind === undefined || element.attribute('type') !== 'set' || node === undefined) {
      this.fail('not-authorized', 'bind a resource first');
      return;
    }
    if (this.#mayOnlyResume) {
      this.fail('not-authorized', 'log in again');
      return;
    }
    const user = new Jid(node, this.#domain);
    const session = this.#host.sessions.bind(user, this, this.context, this.#identity);
    this.#enterBound(session);
    this.#host.greet(session);
    const jid = xml('jid', NS.bind, {}, session.jid.full);
    this.#sendElement(iqResult(element, xml('bind', NS.bind, {}, jid)).with({ to: undefined }));
  }

  #handleResume(element: XmlElement): void {
    const smId = element.attribute('previd') ?? '';
    const h = parseHandledCount(element.attribute('h'));
    const session = this.#host.sessions.findResumable(smId);
    if (
      session === undefined ||
      h === undefined ||
      session.jid.bare !== `${this.#node}@${this.#domain}` ||
      session.acknowledge(h) !== 'ok'
    ) {
      this.#core.metrics.resumesRefused++;
      this.#sendElement(xml('failed', NS.sm, {}, xml('item-not-found', NS.stanzaErrors)));
      return;
    }
    this.#core.metrics.sessionsResumed++;
    session.attach(this, this.context);
    this.#enterBound(session);
    const handled = String(session.handledCount);
    this.#sendElement(xml('resumed', NS.sm, { h: handled, previd: smId }));
    session.replay();
  }

  #handleBound(element: XmlElement): void {
    const session = this.#session;
    if (session === undefined) return;
    if (element.ns === NS.sm) {
      this.#handleStreamManagement(session, element);
      return;
    }
    if (!isStanza(element) || holdsStreamElement(element)) {
      this.fail('unsupported-stanza-type');
      return;
    }
    if (!this.#stampSender(session, element)) {
      this.#core.metrics.forgedSenders++;
      this.fail('invalid-from');
      return;
    }
    this.#core.metrics.stanzasReceived++;
    session.countInbound();
    this.#host.handleStanza(session, element);
  }

  /** RFC 6120 §8.1.2.1: absent, or the client's own; anything else ends the stream. */
  #stampSender(session: Session, element: XmlElement): boolean {
    const from = element.attribute('from');
    if (from !== undefined && from !== session.jid.full) {
      const jid = parseJid(from);
      if (jid === undefined || jid.bare !== session.jid.bare) return false;
      if (jid.resource !== '' && jid.resource !== session.jid.resource) return false;
    }
    element.attributes.set('from', session.jid.full);
    return true;
  }

  #handleStreamManagement(session: Session, element: XmlElement): void {
    const answer = answerStreamManagement(this.#core, this.#host.sessions, session, element);
    switch (answer.type) {
      case 'reply':
        this.#sendElement(answer.element);
        return;
      case 'miscounted':
        this.#failMiscounted();
        return;
      case 'unknown':
        this.fail('unsupported-stanza-type');
        return;
      case 'none':
        return;
    }
  }

  #failMiscounted(): void {
    this.fail('undefined-condition', 'handled count too high');
  }

  /** The client leaves for good: no hibernation. */
  #handleCloseFrame(): void {
    const session = this.#session;
    this.#closeWith(undefined);
    session?.end();
  }

  #enterBound(session: Session): void {
    this.#session = session;
    this.#state = 'bound';
    this.#deadline?.cancel();
    this.#silence = new SilenceWatch(this.#core, {
      probe: () => this.#probe(),
      giveUp: () => {
        this.#core.metrics.silenceClosures++;
        this.#closeTransport();
        this.handleClose();
      },
    });
  }

  #probe(): void {
    const session = this.#session;
    if (session === undefined) return;
    if (session.hasStreamManagement) {
      session.requestAck();
      return;
    }
    const id = `probe-${randomToken(this.#core.random, 8)}`;
    const from = this.#domain;
    session.deliver(new PreparedStanza(iqRequest({ type: 'get', id, from }, xml('ping', NS.ping))));
  }

  #limitTime(limitMs: number): void {
    this.#deadline?.cancel();
    this.#deadline = this.#core.deadlines.at(this.#core.nowMs + limitMs, () => {
      this.#core.metrics.loginTimeouts++;
      this.fail('connection-timeout');
    });
  }

  #closeWith(error: XmlElement | undefined): void {
    if (!this.#hasSentOpen) this.#sendOpen();
    if (error !== undefined) this.#sendElement(error);
    this.send(CLOSE_FRAME);
    this.#enterClosed();
    this.#closeTransport();
  }

  #closeTransport(): void {
    try {
      this.#transport.close();
    } catch (error) {
      this.#core.logger.warn('xmpp.transport.failed', { error });
    }
  }

  #enterClosed(): void {
    this.#state = 'closed';
    this.#deadline?.cancel();
    this.#silence?.stop();
    this.#intake.clear();
    this.#host.streamClosed(this);
  }

  #sendOpen(): void {
    this.#hasSentOpen = true;
    const id = randomToken(this.#core.random, 16);
    this.#sendElement(openFrame({ from: this.#domain, id }));
  }

  #sendElement(element: XmlElement): void {
    this.send(writeXml(element));
  }
}
