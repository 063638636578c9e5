/**
 * One XMPP session with the server over WebSockets: connects, keeps alive, and resumes after the socket was lost
 * (RFC 7395, XEP-0198, XEP-0199). State and order only; negotiation and counting live in their own files.
 */
import { randomToken, type TimerHandle } from '@conclave/base';
import { parseXml, writeXml, type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { Emitter } from '../emitter.ts';
import type { Platform, Socket } from '../platform/platform.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import { Handshake, type HandshakeOutcome } from './handshake.ts';
import { type IqHandler, IqHandlers } from './iq-handlers.ts';
import { KeepAlive, PING_TIMEOUT_MS } from './keep-alive.ts';
import { ManagedStream } from './managed-stream.ts';
import { PendingRequests } from './pending-requests.ts';
import { RequestError } from './request-error.ts';
import { type Credentials, chooseSasl } from './sasl.ts';

export type ConnectionState =
  | { readonly type: 'idle' }
  /** `failures` attempts in a row went wrong. */
  | { readonly type: 'connecting'; readonly failures: number }
  | { readonly type: 'connected'; readonly jid: string }
  /** The session lives on at the server; media too. */
  | { readonly type: 'reconnecting'; readonly jid: string; readonly failures: number }
  | { readonly type: 'closed'; readonly reason: CloseReason; readonly text: string };

export type CloseReason =
  /** We asked for it. */
  | 'done'
  /** The server lets nobody in without an account, or not in a way that we know. */
  | 'guestsRefused'
  /** The account, or the token, was refused; the text says why. */
  | 'authentication'
  /** The session could not be resumed; a new connection is needed. */
  | 'sessionLost';

export interface ConnectionOptions {
  /** `wss:` URL without query, or with one that is kept. */
  readonly serviceUrl: string;
  readonly domain: string;
  /** Left out by guests, and by those whose token is in the URL. */
  readonly credentials?: Credentials;
  /** Room name for the server's `room` parameter. */
  readonly room?: string;
}

export interface RequestOptions {
  /** Undefined waits for ever; default 10 s. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;
/** The server keeps a lost session for 60 s; trying longer is pointless. */
const RESUME_WINDOW_MS = 65_000;
const MAX_QUEUED = 200;
/** An answer that takes longer is none: people are waiting. */
const CHECK_TIMEOUT_MS = 3_000;

type ConnectionEvents = {
  presence: [stanza: XmlElement];
  message: [stanza: XmlElement];
};

export class Connection {
  readonly #platform: Platform;
  readonly #options: ConnectionOptions;
  readonly #state = new Store<ConnectionState>({ type: 'idle' });
  readonly #events = new Emitter<ConnectionEvents>();
  readonly #requests: PendingRequests;
  readonly #iqHandlers = new IqHandlers();
  readonly #keepAlive: KeepAlive;
  readonly #queued: XmlElement[] = [];
  #socket: Socket | undefined;
  #handshake: Handshake | undefined;
  #managed: ManagedStream | undefined;
  #jid = '';
  #failures = 0;
  #lostAtMs = 0;
  #retryTimer: TimerHandle | undefined;
  #handshakeTimer: TimerHandle | undefined;

  constructor(platform: Platform, options: ConnectionOptions) {
    this.#platform = platform;
    this.#options = options;
    this.#requests = new PendingRequests(platform.timers);
    this.#keepAlive = new KeepAlive(platform.clock, platform.timers, {
      ping: () =>
        this.request('get', options.domain, xml('ping', NS.ping), { timeoutMs: PING_TIMEOUT_MS }),
      onSilent: () => this.dropSocket(),
    });
  }

  get state(): ReadonlyStore<ConnectionState> {
    return this.#state;
  }

  /** Our full JID; empty until first connected. */
  get jid(): string {
    return this.#jid;
  }

  readonly on: Emitter<ConnectionEvents>['on'] = (name, listener) =>
    this.#events.on(name, listener);

  /** Handlers are asked in order of registration. Returns the function that removes it. */
  handleIq(handler: IqHandler): () => void {
    return this.#iqHandlers.add(handler);
  }

  /** Starts connecting, and goes on trying until it works, is refused, or `close` is called. */
  connect(): void {
    if (this.#state.get().type !== 'idle') return;
    this.#state.set({ type: 'connecting', failures: 0 });
    this.#open();
  }

  /** Resolves when connected; rejects with a RequestError `disconnected` when that will not happen. */
  whenConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const { type } = this.#state.get();
        if (type === 'connected') resolve();
        else if (type === 'closed') reject(new RequestError('disconnected'));
        else return;
        unsubscribe();
      };
      let unsubscribe = () => {};
      unsubscribe = this.#state.subscribe(check);
      check();
    });
  }

  /** Tries at once instead of waiting for the back-off: the network came back. */
  retryNow(): void {
    if (this.#retryTimer === undefined) return;
    this.#retryTimer.cancel();
    this.#retryTimer = undefined;
    this.#open();
  }

  /**
   * Something says that the network is gone, media for example. Resolves when the server answers; rejects with a
   * RequestError when it is silent for 3 s, and the socket is then given up and opened anew.
   */
  async checkNow(): Promise<void> {
    const socket = this.#socket;
    const timeoutMs = CHECK_TIMEOUT_MS;
    try {
      await this.request('get', this.#options.domain, xml('ping', NS.ping), { timeoutMs });
    } catch (error) {
      const isSilent = error instanceof RequestError && error.condition === 'timeout';
      if (!isSilent) return; // an error is an answer
      if (socket !== undefined && socket === this.#socket) this.dropSocket();
      throw error;
    }
  }

  /** Sends a stanza, now or when the stream is there. */
  send(stanza: XmlElement): void {
    const { type } = this.#state.get();
    if (type === 'connected') this.#write(stanza);
    else if (type !== 'closed' && this.#queued.length < MAX_QUEUED) this.#queued.push(stanza);
  }

  /** Sends an IQ and resolves with the result stanza; rejects with a RequestError. */
  request(
    type: 'get' | 'set',
    to: string | undefined,
    payload: XmlElement,
    options: RequestOptions = {},
  ): Promise<XmlElement> {
    if (this.#state.get().type === 'closed') {
      return Promise.reject(new RequestError('disconnected'));
    }
    const id = randomToken(this.#platform.random, 10);
    const timeoutMs = 'timeoutMs' in options ? options.timeoutMs : DEFAULT_TIMEOUT_MS;
    const answer = this.#requests.add(id, to, timeoutMs);
    this.send(xml('iq', NS.client, { type, to, id }, payload));
    return answer;
  }

  /** Says good-bye and ends. Idempotent. */
  close(): void {
    if (this.#state.get().type === 'closed') return;
    if (this.#state.get().type === 'connected') {
      this.#write(xml('presence', NS.client, { type: 'unavailable' }));
      this.#sendElement(xml('close', NS.framing));
    }
    this.#end('done', '');
  }

  /** Drops the socket as a network failure would; for tests. */
  dropSocket(): void {
    this.#socket?.close();
    this.#handleSocketLost();
  }

  #open(): void {
    this.#retryTimer = undefined;
    const managed = this.#managed;
    const { domain, credentials } = this.#options;
    const { subtle, random } = this.#platform;
    const handshake: Handshake = new Handshake(
      {
        domain,
        chooseSasl: (offered) => chooseSasl(offered, credentials, subtle, random),
        ...(managed !== undefined && {
          resume: { id: managed.id, received: managed.handledCount },
        }),
      },
      (element) => {
        // An answer that took long may come when the socket is another one.
        if (this.#handshake === handshake) this.#sendElement(element);
      },
    );
    this.#handshake = handshake;
    this.#handshakeTimer = this.#platform.timers.schedule(HANDSHAKE_TIMEOUT_MS, () =>
      this.dropSocket(),
    );
    this.#socket = this.#platform.openSocket(this.#url(), 'xmpp', {
      onOpen: () => handshake.start(),
      onText: (text) => this.#handleText(text),
      onClose: () => this.#handleSocketLost(),
    });
  }

  #url(): string {
    const url = new URL(this.#options.serviceUrl);
    if (this.#options.room !== undefined) url.searchParams.set('room', this.#options.room);
    if (this.#managed !== undefined) url.searchParams.set('previd', this.#managed.id);
    return url.href;
  }

  #sendElement(element: XmlElement): void {
    this.#socket?.send(writeXml(element));
  }

  #write(stanza: XmlElement): void {
    const text = writeXml(stanza);
    this.#socket?.send(text);
    const ackRequest = this.#managed?.countOutbound(text);
    if (ackRequest !== undefined) this.#sendElement(ackRequest);
  }

  #handleText(text: string): void {
    this.#keepAlive.handleReceived();
    const parsed = parseXml(text);
    if (parsed.type === 'error') {
      this.#platform.logger.warn('connection.xml.refused', { reason: parsed.reason });
      return;
    }
    const { element } = parsed;
    if (this.#handshake === undefined) {
      this.#handleElement(element);
      return;
    }
    const outcome = this.#handshake.handleElement(element);
    if (outcome !== undefined) this.#handleOutcome(outcome);
  }

  #handleOutcome(outcome: HandshakeOutcome): void {
    this.#handshake = undefined;
    this.#handshakeTimer?.cancel();
    switch (outcome.type) {
      case 'bound':
        this.#jid = outcome.jid;
        if (outcome.resumeId !== undefined) this.#managed = new ManagedStream(outcome.resumeId);
        this.#handleConnected();
        return;
      case 'resumed':
        this.#handleResumed(outcome.acknowledged);
        return;
      case 'resumeRefused':
        this.#end('sessionLost', 'the server has forgotten the session');
        return;
      case 'failed':
        this.#platform.logger.warn('connection.handshake.failed', { ...outcome });
        if (outcome.reason === 'protocol') this.dropSocket();
        else if (outcome.reason === 'authentication') this.#end('authentication', outcome.text);
        else this.#end('guestsRefused', outcome.text);
        return;
      default: {
        const never: never = outcome;
        throw never;
      }
    }
  }

  #handleResumed(acknowledged: number | undefined): void {
    const unacknowledged = this.#managed?.resume(acknowledged);
    if (unacknowledged === undefined) {
      this.#end('sessionLost', 'the server counted other stanzas than we did');
      return;
    }
    for (const stanza of unacknowledged) this.#socket?.send(stanza);
    this.#handleConnected();
  }

  #handleConnected(): void {
    this.#failures = 0;
    this.#state.set({ type: 'connected', jid: this.#jid });
    for (const stanza of this.#queued.splice(0)) this.#write(stanza);
    this.#keepAlive.start();
  }

  #handleElement(element: XmlElement): void {
    if (element.ns === NS.sm) {
      const answer = this.#managed?.handleElement(element);
      if (answer !== undefined) this.#sendElement(answer);
      return;
    }
    if (element.ns === NS.framing || element.ns === NS.streams) {
      // An orderly close or a stream error: the session is over at the server as well.
      if (element.name === 'close' || element.name === 'error') {
        this.#end('sessionLost', [...element.elements()][0]?.name ?? element.name);
      }
      return;
    }
    this.#managed?.countInbound();
    if (element.name === 'iq') this.#handleIqStanza(element);
    else if (element.name === 'presence') this.#events.emit('presence', element);
    else if (element.name === 'message') this.#events.emit('message', element);
  }

  #handleIqStanza(iq: XmlElement): void {
    const type = iq.attribute('type');
    if (type === 'result' || type === 'error') {
      this.#requests.handleAnswer(iq);
      return;
    }
    if (type === 'get' || type === 'set') this.send(this.#iqHandlers.answer(iq));
  }

  #handleSocketLost(): void {
    this.#handshakeTimer?.cancel();
    this.#keepAlive.stop();
    this.#handshake = undefined;
    this.#socket = undefined;
    const state = this.#state.get();
    if (state.type === 'closed' || this.#retryTimer !== undefined) return;
    const nowMs = this.#platform.clock.nowMs();
    if (state.type === 'connected') {
      if (this.#managed?.isResumable !== true) {
        this.#end('sessionLost', 'the connection was lost and cannot be resumed');
        return;
      }
      this.#lostAtMs = nowMs;
      this.#state.set({ type: 'reconnecting', jid: this.#jid, failures: 0 });
    } else {
      this.#failures++;
      if (state.type === 'reconnecting') {
        if (nowMs - this.#lostAtMs > RESUME_WINDOW_MS) {
          this.#end('sessionLost', 'the server could not be reached again');
          return;
        }
        this.#state.set({ type: 'reconnecting', jid: this.#jid, failures: this.#failures });
      } else this.#state.set({ type: 'connecting', failures: this.#failures });
    }
    this.#retryTimer = this.#platform.timers.schedule(this.#retryDelayMs(), () => this.#open());
  }

  /** Doubling, with up to half of it at random so that a restarted server is not hit by all at once. */
  #retryDelayMs(): number {
    const baseMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    const [byte = 0] = this.#platform.random.bytes(1);
    return baseMs * (1 + byte / 512);
  }

  #end(reason: CloseReason, text: string): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
    this.#handshakeTimer?.cancel();
    this.#keepAlive.stop();
    this.#handshake = undefined;
    this.#managed = undefined;
    this.#queued.length = 0;
    this.#state.set({ type: 'closed', reason, text });
    this.#socket?.close();
    this.#socket = undefined;
    this.#requests.rejectAll('disconnected');
  }
}
