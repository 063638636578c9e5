/**
 * One connection: RFC 7395 frames in, frames out; first negotiation, then stanzas of its session
 * (RFC 6120 §4-8). Knows nothing of rooms.
 */
import { randomToken } from '@conclave/base';
import { parseXml, writeXml, type XmlElement, xml } from '@conclave/protocols/xml';
import {
  CLOSE_FRAME,
  iqRequest,
  isStanza,
  NS,
  openFrame,
  parseJid,
  type StreamErrorCondition,
  streamError,
} from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import type { Deadline } from './deadlines.ts';
import { conditionForParseError, holdsStreamElement } from './frame-refusal.ts';
import { PreparedStanza } from './prepared-stanza.ts';
import type { Session, StreamContext } from './session.ts';
import { SilenceWatch } from './silence-watch.ts';
import { StreamIntake } from './stream-intake.ts';
import { answerStreamManagement, plainAck } from './stream-management-requests.ts';
import {
  type NegotiatingStream,
  type NegotiationHost,
  StreamNegotiation,
} from './stream-negotiation.ts';

/** What the web listener supplies. `close` after the frames sent so far. */
export interface StreamTransport {
  send(text: string): void;
  close(): void;
  /** Bytes waiting in the socket, for the bound on slow consumers. */
  bufferedBytes?(): number;
}

export interface StreamHost extends NegotiationHost {
  /** A stanza of a bound session, `from` stamped. */
  handleStanza(session: Session, stanza: XmlElement): void;
  streamClosed(stream: Stream): void;
}

export class Stream implements NegotiatingStream {
  readonly context: StreamContext;
  readonly #host: StreamHost;
  readonly #core: CoreContext;
  readonly #transport: StreamTransport;
  readonly #intake: StreamIntake;
  readonly #negotiation: StreamNegotiation;
  #isClosed = false;
  #hasSentOpen = false;
  #session: Session | undefined;
  #loginFrames = 0;
  #deadline: Deadline | undefined;
  #silence: SilenceWatch | undefined;

  constructor(host: StreamHost, transport: StreamTransport, context: StreamContext) {
    this.#host = host;
    this.#core = host.core;
    this.#transport = transport;
    this.context = context;
    this.#intake = new StreamIntake(
      this.#core,
      (text) => this.#handleFrame(text),
      (error) => this.handleFailure(error),
    );
    this.#negotiation = new StreamNegotiation(host, this, {
      owesOpen: () => {
        this.#hasSentOpen = false;
      },
      sendOpen: () => this.#sendOpen(),
      sendElement: (element) => this.#sendElement(element),
      limitTime: (limitMs) => this.#limitTime(limitMs),
      enterBound: (session) => this.#enterBound(session),
    });
    this.#limitTime(this.#core.options.limits.loginTimeoutMs);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** One text message of the socket. */
  handleMessage(text: string): void {
    if (this.#isClosed) return;
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
    if (this.#isClosed) return;
    const session = this.#session;
    this.#enterClosed();
    session?.detach(this);
  }

  /** A transport that fails is a lost connection, and never a matter of whoever sent to it. */
  send(text: string): void {
    if (this.#isClosed) return;
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
    if (this.#isClosed) return;
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
    if (this.#isClosed) return;
    this.#closeWith(streamError('conflict', 'resumed elsewhere'));
  }

  /** Server shutdown: the close frame, without an error. */
  shutDown(): void {
    if (this.#isClosed) return;
    const session = this.#session;
    this.#closeWith(streamError('system-shutdown'));
    session?.end();
  }

  #handleFrame(text: string): void {
    if (this.#isClosed) return;
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
    if (this.#session === undefined) this.#negotiation.handle(element);
    else this.#handleBound(this.#session, element);
  }

  #handleBound(session: Session, element: XmlElement): void {
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
    const from = this.#negotiation.domain;
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
    this.#isClosed = true;
    this.#deadline?.cancel();
    this.#silence?.stop();
    this.#intake.clear();
    this.#host.streamClosed(this);
  }

  #sendOpen(): void {
    this.#hasSentOpen = true;
    const id = randomToken(this.#core.random, 16);
    this.#sendElement(openFrame({ from: this.#negotiation.domain, id }));
  }

  #sendElement(element: XmlElement): void {
    this.send(writeXml(element));
  }
}
