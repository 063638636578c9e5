/**
 * A bound resource: it outlives its connection for a while when the client enabled resumption
 * (XEP-0198 §5). Holds the outgoing queue and both counters.
 */
import {
  type AckResult,
  type Jid,
  NS,
  type StreamErrorCondition,
  StreamManagement,
} from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import type { Deadline } from './deadlines.ts';
import type { Identity } from './identity.ts';
import type { PreparedStanza } from './prepared-stanza.ts';
import { type Recipient, toAttribute } from './recipient.ts';
import type { VisitorAddresses } from './visitor-node.ts';

/** Query parameters and origin of a WebSocket connection. */
export interface StreamContext {
  readonly room?: string;
  /** Stream management id of the session to resume. */
  readonly previd?: string;
  readonly token?: string;
  /** By which a visitor who may take part shows itself when it comes back. */
  readonly customusername?: string;
  readonly remoteAddress: string;
  /** Where the client reaches this server: `wss://host:port`. */
  readonly origin?: string;
  /** Nobody can listen: TLS, here or at the reverse proxy. */
  readonly isSecure?: boolean;
  /** Over HTTP requests (XEP-0124), where stream management has no place. */
  readonly isBosh?: boolean;
}

/** The stream a session speaks through at the moment. */
export interface SessionStream {
  send(text: string): void;
  /** Ends stream and session with a stream error. */
  fail(condition: StreamErrorCondition, text?: string): void;
  /** The session went to another stream. */
  supersede(): void;
  /** Bytes not yet taken by the network; 0 when unknown. */
  bufferedBytes(): number;
}

const ACK_REQUEST = `<r xmlns="${NS.sm}"/>`;

export class Session implements Recipient {
  readonly jid: Jid;
  readonly isComponent = false;
  readonly identity: Identity;
  /** Of the first connection, or of the one that resumed last. */
  context: StreamContext;
  /** Present when the client enabled stream management. */
  #management: StreamManagement<PreparedStanza> | undefined;
  #smId: string | undefined;
  readonly #core: CoreContext;
  readonly #toAttribute: string;
  readonly visitorAddresses: VisitorAddresses | undefined;
  readonly #onEnd: (session: Session) => void;
  #stream: SessionStream | undefined;
  #hibernation: Deadline | undefined;
  #unackedCharacters = 0;
  #ackRequested = false;
  #ended = false;

  constructor(
    core: CoreContext,
    jid: Jid,
    stream: SessionStream,
    context: StreamContext,
    identity: Identity,
    onEnd: (session: Session) => void,
    visitorAddresses?: VisitorAddresses,
  ) {
    this.#core = core;
    this.jid = jid;
    this.#toAttribute = toAttribute(jid);
    this.#stream = stream;
    this.context = context;
    this.identity = identity;
    this.#onEnd = onEnd;
    this.visitorAddresses = visitorAddresses;
  }

  get promotion(): string | undefined {
    return this.context.customusername;
  }

  get remoteAddress(): string {
    return this.context.remoteAddress;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  get isHibernating(): boolean {
    return this.#hibernation !== undefined;
  }

  get hasStreamManagement(): boolean {
    return this.#management !== undefined;
  }

  /** Id for resumption; absent when the client did not ask for it. */
  get smId(): string | undefined {
    return this.#smId;
  }

  /** `h` of our acknowledgements. */
  get handledCount(): number {
    return this.#management?.handledCount ?? 0;
  }

  /** The identity of an earlier login with this very token, for a connection that resumes. */
  loginWith(token: string | undefined): Identity | undefined {
    if (token === undefined || token !== this.context.token) return undefined;
    return this.identity.isAuthenticated ? this.identity : undefined;
  }

  enableStreamManagement(smId: string | undefined): void {
    this.#management = new StreamManagement();
    this.#smId = smId;
  }

  countInbound(): void {
    this.#management?.countInbound();
  }

  deliver(stanza: PreparedStanza): void {
    if (this.#ended) return;
    const { limits, ackRequestEvery } = this.#core.options;
    const management = this.#management;
    if (management !== undefined) {
      management.push(stanza);
      this.#unackedCharacters += stanza.length;
      if (
        management.unackedCount > limits.maxUnackedStanzas ||
        this.#unackedCharacters > limits.maxUnackedCharacters
      ) {
        this.#closeSlowConsumer();
        return;
      }
    }
    const stream = this.#stream;
    if (stream === undefined) return;
    if (stream.bufferedBytes() > limits.maxBufferedBytes) {
      this.#closeSlowConsumer();
      return;
    }
    this.#core.metrics.stanzasDelivered++;
    stream.send(stanza.textFor(this.#toAttribute, this.visitorAddresses));
    if (
      management !== undefined &&
      !this.#ackRequested &&
      management.unackedCount >= ackRequestEvery
    ) {
      this.requestAck();
    }
  }

  /** Asks the client for its `h`; also a sign of life. */
  requestAck(): void {
    if (this.#stream === undefined) return;
    this.#ackRequested = true;
    this.#stream.send(ACK_REQUEST);
  }

  /** Takes the client's `h`. */
  acknowledge(h: number): AckResult {
    this.#ackRequested = false;
    return (
      this.#management?.acknowledge(h, (stanza) => {
        this.#unackedCharacters -= stanza.length;
      }) ?? 'too-high'
    );
  }

  /** Goes over to `stream` after a successful `acknowledge(h)`; the caller then calls `replay`. */
  attach(stream: SessionStream, context: StreamContext): void {
    const previous = this.#stream;
    this.#stream = stream;
    this.context = context;
    this.#ackRequested = false;
    this.#endHibernation();
    previous?.supersede();
  }

  /** Sends again what the client has not acknowledged. */
  replay(): void {
    const stanzas = this.#management?.unacked() ?? [];
    for (const stanza of stanzas) {
      this.#stream?.send(stanza.textFor(this.#toAttribute, this.visitorAddresses));
    }
    if (stanzas.length > 0) this.requestAck();
  }

  /** The connection of `stream` is gone: hibernates when the client can resume, else ends. */
  detach(stream: SessionStream): void {
    if (this.#stream !== stream || this.#ended) return;
    this.#stream = undefined;
    if (this.#smId === undefined) {
      this.end();
      return;
    }
    const { deadlines, nowMs, options, metrics } = this.#core;
    metrics.hibernatingSessions++;
    this.#hibernation = deadlines.at(nowMs + options.hibernationMs, () => this.end());
  }

  /** Final; leaves all rooms. Idempotent. Does not close the stream. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream = undefined;
    this.#endHibernation();
    this.#onEnd(this);
  }

  /** A bug surfaced while handling this session's input: only this session ends. */
  fail(condition: StreamErrorCondition): void {
    if (this.#stream !== undefined) this.#stream.fail(condition);
    else this.end();
  }

  #closeSlowConsumer(): void {
    this.#core.metrics.slowConsumerClosures++;
    // Later, as its own input: delivery happens in the midst of a broadcast.
    this.#ended = true;
    const stream = this.#stream;
    this.#stream = undefined;
    this.#endHibernation();
    this.#core.inputs.push(
      () => {
        stream?.fail('resource-constraint', 'too much undelivered');
        this.#onEnd(this);
      },
      (error) => this.#core.logger.error('xmpp.session.end.failed', { error }),
    );
  }

  #endHibernation(): void {
    if (this.#hibernation === undefined) return;
    this.#hibernation.cancel();
    this.#hibernation = undefined;
    this.#core.metrics.hibernatingSessions--;
  }
}
