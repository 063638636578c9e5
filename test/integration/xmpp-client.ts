/** A scripted XMPP client over WebSocket (RFC 7395): sends text, waits for elements; no rules of its own. */
import { randomBytes } from 'node:crypto';
import { parseXml, type XmlElement } from '@conclave/protocols/xml';
import { WebSocket } from 'ws';
import type { ServerAddress } from './server-address.ts';

const WAIT_TIMEOUT_MS = 15_000;
const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const FOCUS = 'http://jitsi.org/protocol/focus';
const MUC = 'http://jabber.org/protocol/muc';

export type Match = (element: XmlElement) => boolean;

interface Waiter {
  readonly match: Match;
  readonly resolve: (element: XmlElement) => void;
}

export class XmppClient {
  readonly socket: WebSocket;
  /** Raw frames in order. */
  readonly frames: string[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  /** Full JID after `login`. */
  jid = '';
  /** Occupant nick: the first eight characters of the JID. */
  nick = '';
  /** Sees every element first; `take` still gets it. */
  onElement: (element: XmlElement) => void = () => {};
  #inbox: XmlElement[] = [];
  #waiters: Waiter[] = [];
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.on('message', (data) => this.#handleFrame(data.toString()));
  }

  static async connect(server: ServerAddress, query = ''): Promise<XmppClient> {
    const socket = new WebSocket(
      `wss://localhost:${server.httpsPort}/xmpp-websocket${query}`,
      'xmpp',
      { ca: server.certificate },
    );
    const client = new XmppClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  /** The first element, of those not taken yet, that matches; waits for it. */
  take(what: string, match: Match): Promise<XmlElement> {
    const index = this.#inbox.findIndex(match);
    if (index >= 0) {
      const [element] = this.#inbox.splice(index, 1);
      if (element !== undefined) return Promise.resolve(element);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(
            `${this.nick || 'client'} waited in vain for ${what}; last frames:\n${this.frames.slice(-8).join('\n')}`,
          ),
        );
      }, WAIT_TIMEOUT_MS);
      this.#waiters.push({
        match,
        resolve: (element) => {
          clearTimeout(timer);
          resolve(element);
        },
      });
    });
  }

  /** Sends an IQ and gives the answer, result or error. */
  ask(type: 'get' | 'set', to: string | undefined, payload: string): Promise<XmlElement> {
    const id = `q${this.#nextId++}`;
    const address = to === undefined ? '' : ` to="${to}"`;
    this.send(`<iq xmlns="jabber:client" type="${type}" id="${id}"${address}>${payload}</iq>`);
    return this.take(
      `the answer to ${payload.slice(0, 80)}`,
      (e) => e.name === 'iq' && e.attribute('id') === id,
    );
  }

  /** Opens the stream, authenticates anonymously and binds (RFC 6120 §6, §7). */
  async login(domain = 'meet.jitsi'): Promise<void> {
    await this.authenticate(domain);
    await this.#bind();
    this.nick = this.jid.slice(0, 8);
  }

  /** Logs in to an account with PLAIN; the condition of a refusal with its text, undefined when it is in. */
  loginWithPassword(
    user: string,
    password: string,
    domain = 'meet.jitsi',
  ): Promise<string | undefined> {
    return this.loginWithSteps('PLAIN', [() => `\0${user}\0${password}`], domain);
  }

  /** The same with any mechanism: `steps` answer challenges, the first one comes with the choice. */
  async loginWithSteps(
    mechanism: string,
    [first, ...steps]: readonly ((challenge: string) => string)[],
    domain = 'meet.jitsi',
  ): Promise<string | undefined> {
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    await this.#openStream(domain);
    const initial = first === undefined ? '' : encoded(first(''));
    this.send(`<auth xmlns="${SASL}" mechanism="${mechanism}">${initial}</auth>`);
    let answer = await this.take('an answer', (e) => e.ns === SASL);
    for (const step of steps) {
      if (answer.name !== 'challenge') break;
      const response = encoded(step(Buffer.from(answer.text, 'base64').toString()));
      this.send(`<response xmlns="${SASL}">${response}</response>`);
      answer = await this.take('an answer', (e) => e.ns === SASL);
    }
    if (answer.name !== 'success') {
      const [condition] = answer.elements();
      return [condition?.name, answer.child('text')?.text].filter(Boolean).join(': ');
    }
    await this.#openStream(domain);
    await this.#bind();
    this.nick = randomBytes(4).toString('hex');
    return undefined;
  }

  /** As `login`, but without a resource: for resuming. */
  async authenticate(domain: string): Promise<void> {
    await this.#openStream(domain);
    this.send(`<auth xmlns="${SASL}" mechanism="ANONYMOUS"/>`);
    await this.take('success', (e) => e.name === 'success');
    await this.#openStream(domain);
  }

  /** The conference request alone; the answer, result or error. */
  requestConference(
    room: string,
    session: { readonly id?: string; readonly machineUid?: string } = {},
  ): Promise<XmlElement> {
    const { id, machineUid = this.nick } = session;
    const known = id === undefined ? '' : ` session-id="${id}"`;
    return this.ask(
      'set',
      'focus.meet.jitsi',
      `<conference xmlns="${FOCUS}" room="${room}" machine-uid="${machineUid}"${known}/>`,
    );
  }

  /** Conference request, then join; gives the own presence, or the room's refusal. */
  async join(room: string, focus = 'focus.meet.jitsi'): Promise<XmlElement> {
    const answer = await this.ask(
      'set',
      focus,
      `<conference xmlns="${FOCUS}" room="${room}" machine-uid="${this.nick}"><property name="visitors-version" value="1"/></conference>`,
    );
    const conference = answer.child('conference', FOCUS);
    if (conference?.attribute('ready') !== 'true') throw new Error(`not ready: ${answer}`);
    this.send(
      `<presence xmlns="jabber:client" to="${room}/${this.nick}"><x xmlns="${MUC}"/><nick xmlns="http://jabber.org/protocol/nick">${this.nick}</nick></presence>`,
    );
    return this.take(
      'own presence',
      (e) => e.name === 'presence' && e.attribute('from') === `${room}/${this.nick}`,
    );
  }

  close(): void {
    this.socket.close();
  }

  async #bind(): Promise<void> {
    const bound = await this.ask('set', undefined, `<bind xmlns="${BIND}"/>`);
    this.jid = bound.child('bind', BIND)?.child('jid')?.text ?? '';
  }

  async #openStream(domain: string): Promise<void> {
    this.send(`<open xmlns="${FRAMING}" to="${domain}" version="1.0"/>`);
    await this.take('open', (e) => e.name === 'open');
    await this.take('features', (e) => e.name === 'features');
  }

  #handleFrame(text: string): void {
    this.frames.push(text);
    const result = parseXml(text);
    if (result.type === 'error')
      throw new Error(`the server sent bad XML (${result.reason}): ${text}`);
    const { element } = result;
    this.onElement(element);
    const index = this.#waiters.findIndex(({ match }) => match(element));
    const [waiter] = index < 0 ? [] : this.#waiters.splice(index, 1);
    if (waiter === undefined) this.#inbox.push(element);
    else waiter.resolve(element);
  }
}
