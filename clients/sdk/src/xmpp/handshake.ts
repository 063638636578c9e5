/**
 * From an open WebSocket to a usable XMPP stream: framing, SASL, then either resource binding and
 * stream management or the resumption of an earlier stream (RFC 7395 §3, RFC 6120 §6-7, XEP-0198 §3, §5).
 * Elements go in; elements to send and the outcome come out. No I/O.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, openFrame, parseHandledCount } from '@conclave/protocols/xmpp';
import type { SaslExchange } from './sasl.ts';

export interface HandshakeOptions {
  readonly domain: string;
  /** Chooses among the mechanisms that the server offers. */
  chooseSasl(offered: readonly string[]): SaslExchange | undefined;
  /** Continue this stream instead of binding. */
  readonly resume?: { readonly id: string; readonly received: number };
}

export type HandshakeOutcome =
  | { readonly type: 'bound'; readonly jid: string; readonly resumeId: string | undefined }
  | { readonly type: 'resumed'; readonly acknowledged: number | undefined }
  /** The server has forgotten the stream; start a new one. */
  | { readonly type: 'resumeRefused' }
  | {
      readonly type: 'failed';
      readonly reason: FailureReason;
      readonly text: string;
    };

/** `mechanism`: the server offers no way of logging in that we can take. */
type FailureReason = 'mechanism' | 'authentication' | 'protocol';

type Phase = 'open' | 'mechanisms' | 'auth' | 'reopen' | 'features' | 'bind' | 'enable' | 'resume';

const BIND_ID = 'bind';

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #send: (element: XmlElement) => void;
  #phase: Phase = 'open';
  #sasl: SaslExchange | undefined;
  #jid = '';
  #managed = false;

  constructor(options: HandshakeOptions, send: (element: XmlElement) => void) {
    this.#options = options;
    this.#send = send;
  }

  start(): void {
    this.#send(openFrame({ to: this.#options.domain }));
  }

  /** Undefined while more is to come. Call no more after an outcome. */
  handleElement(element: XmlElement): HandshakeOutcome | undefined {
    if (element.ns === NS.streams && element.name === 'error') {
      return failed('protocol', `stream error ${[...element.elements()][0]?.name ?? ''}`);
    }
    if (element.ns === NS.framing && element.name === 'close') {
      return failed('protocol', 'closed by the server');
    }
    switch (this.#phase) {
      case 'open':
      case 'reopen':
        if (element.name !== 'open' || element.ns !== NS.framing) return unexpected(element);
        this.#phase = this.#phase === 'open' ? 'mechanisms' : 'features';
        return undefined;
      case 'mechanisms':
        return this.#handleMechanisms(element);
      case 'auth':
        return this.#handleAuthentication(element);
      case 'features':
        return this.#handleFeatures(element);
      case 'bind':
        return this.#handleBound(element);
      case 'enable':
        return this.#handleEnabled(element);
      case 'resume':
        return this.#handleResumed(element);
      default: {
        const never: never = this.#phase;
        return never;
      }
    }
  }

  #handleMechanisms(element: XmlElement): HandshakeOutcome | undefined {
    if (element.name !== 'features') return unexpected(element);
    const offered = element.child('mechanisms', NS.sasl)?.childrenNamed('mechanism') ?? [];
    const sasl = this.#options.chooseSasl(offered.map(({ text }) => text));
    if (sasl === undefined) {
      return failed('mechanism', 'the server offers no way to log in that this browser knows');
    }
    this.#sasl = sasl;
    const { mechanism, initial } = sasl;
    const text = initial === undefined ? undefined : toBase64(initial);
    this.#send(xml('auth', NS.sasl, { mechanism }, text));
    this.#phase = 'auth';
    return undefined;
  }

  #handleAuthentication(element: XmlElement): HandshakeOutcome | undefined {
    if (element.ns !== NS.sasl) return unexpected(element);
    if (element.name === 'challenge') {
      this.#respond(element.text);
      return undefined;
    }
    if (element.name === 'success') {
      if (this.#sasl?.accepts(fromBase64(element.text) ?? '') !== true) {
        return failed('protocol', 'the server could not prove that it knows the account');
      }
      this.start();
      this.#phase = 'reopen';
      return undefined;
    }
    const condition = [...element.elements()][0]?.name ?? '';
    return failed('authentication', element.child('text')?.text ?? condition);
  }

  /** A challenge that makes no sense is answered by giving up, and the server by a failure. */
  #respond(challenge: string): void {
    const text = fromBase64(challenge);
    const response =
      text === undefined || this.#sasl === undefined
        ? Promise.reject(new Error('not base64'))
        : this.#sasl.respond(text);
    response.then(
      (answer) => this.#send(xml('response', NS.sasl, undefined, toBase64(answer))),
      () => this.#send(xml('abort', NS.sasl)),
    );
  }

  #handleFeatures(element: XmlElement): HandshakeOutcome | undefined {
    if (element.name !== 'features') return unexpected(element);
    const { resume } = this.#options;
    this.#managed = element.child('sm', NS.sm) !== undefined;
    if (resume !== undefined && this.#managed) {
      this.#send(xml('resume', NS.sm, { h: String(resume.received), previd: resume.id }));
      this.#phase = 'resume';
      return undefined;
    }
    if (resume !== undefined) return { type: 'resumeRefused' };
    this.#send(xml('iq', NS.client, { type: 'set', id: BIND_ID }, xml('bind', NS.bind)));
    this.#phase = 'bind';
    return undefined;
  }

  #handleBound(element: XmlElement): HandshakeOutcome | undefined {
    if (element.name !== 'iq' || element.attribute('id') !== BIND_ID) return undefined;
    const jid = element.child('bind', NS.bind)?.child('jid')?.text ?? '';
    if (element.attribute('type') !== 'result' || jid === '') {
      return failed('protocol', 'the server refused to bind a resource');
    }
    this.#jid = jid;
    if (!this.#managed) return { type: 'bound', jid, resumeId: undefined };
    this.#send(xml('enable', NS.sm, { resume: 'true' }));
    this.#phase = 'enable';
    return undefined;
  }

  #handleEnabled(element: XmlElement): HandshakeOutcome | undefined {
    // Stanzas may come before it; nobody is interested in them yet.
    if (element.ns !== NS.sm) return undefined;
    const id = element.attribute('id');
    const resumeId = element.name === 'enabled' && id !== '' ? id : undefined;
    return { type: 'bound', jid: this.#jid, resumeId };
  }

  #handleResumed(element: XmlElement): HandshakeOutcome | undefined {
    if (element.ns !== NS.sm) return undefined;
    if (element.name !== 'resumed') return { type: 'resumeRefused' };
    return { type: 'resumed', acknowledged: parseHandledCount(element.attribute('h')) };
  }
}

function failed(reason: FailureReason, text: string): HandshakeOutcome {
  return { type: 'failed', reason, text };
}

function unexpected({ name }: XmlElement): HandshakeOutcome {
  return failed('protocol', `unexpected element ${name.slice(0, 40)}`);
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}
