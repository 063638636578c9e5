/**
 * From an open WebSocket to a usable XMPP stream: framing, SASL ANONYMOUS, then either resource binding and
 * stream management or the resumption of an earlier stream (RFC 7395 §3, RFC 6120 §6-7, XEP-0198 §3, §5).
 * Elements go in; elements to send and the outcome come out. No I/O.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, openFrame, parseHandledCount } from '@conclave/protocols/xmpp';

export interface HandshakeOptions {
  readonly domain: string;
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
      readonly reason: 'authentication' | 'protocol';
      readonly text: string;
    };

type Phase = 'open' | 'mechanisms' | 'auth' | 'reopen' | 'features' | 'bind' | 'enable' | 'resume';

const BIND_ID = 'bind';

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #send: (element: XmlElement) => void;
  #phase: Phase = 'open';
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
    if (!offered.some(({ text }) => text === 'ANONYMOUS')) {
      return failed('authentication', 'the server does not let guests in');
    }
    this.#send(xml('auth', NS.sasl, { mechanism: 'ANONYMOUS' }));
    this.#phase = 'auth';
    return undefined;
  }

  #handleAuthentication(element: XmlElement): HandshakeOutcome | undefined {
    if (element.ns !== NS.sasl) return unexpected(element);
    if (element.name === 'success') {
      this.start();
      this.#phase = 'reopen';
      return undefined;
    }
    const condition = [...element.elements()][0]?.name ?? '';
    return failed('authentication', element.child('text')?.text ?? condition);
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

function failed(reason: 'authentication' | 'protocol', text: string): HandshakeOutcome {
  return { type: 'failed', reason, text };
}

function unexpected({ name }: XmlElement): HandshakeOutcome {
  return failed('protocol', `unexpected element ${name.slice(0, 40)}`);
}
