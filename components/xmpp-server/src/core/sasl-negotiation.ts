/**
 * The SASL part of a stream (RFC 6120 §6): one mechanism at a time, in as many steps as it takes, until
 * a login is accepted. The number of steps is bounded by the frames that a stream may send before.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import {
  decodeSaslData,
  NS,
  type SaslFailureCondition,
  type SaslMechanism,
  saslChallenge,
  saslFailure,
  saslSuccess,
} from '@conclave/protocols/xmpp';
import type { LoginRequest, LoginStep } from './authenticator.ts';
import type { Identity } from './identity.ts';
import type { StreamContext } from './session.ts';

export interface SaslHost {
  readonly context: StreamContext;
  /** The domain that the client named in its `open`. */
  readonly domain: string;
  readonly offered: readonly SaslMechanism[];
  send(element: XmlElement): void;
  logIn(request: LoginRequest, done: (step: LoginStep) => void): void;
  /** Who resumes with the token it had logged in with; it was accepted then. */
  resumed(): Identity | undefined;
  accepted(identity: Identity, mayOnlyResume: boolean): void;
}

type Challenge = LoginStep & { readonly type: 'challenge' };

export class SaslNegotiation {
  readonly #host: SaslHost;
  /** `choosing`: nothing under way; `checking`: an answer is awaited; else a response is. */
  #state: 'choosing' | 'checking' | Challenge = 'choosing';
  /** Tells the answer that is awaited from those of logins given up. */
  #number = 0;

  constructor(host: SaslHost) {
    this.#host = host;
  }

  /** False for what no client may send now: the stream is to be closed. */
  handle(element: XmlElement): boolean {
    if (element.ns !== NS.sasl) return false;
    if (element.name === 'abort') {
      this.#refuse('aborted');
      return true;
    }
    // Until the answer a client may only give up (§6.4.4).
    if (this.#state === 'checking') return false;
    if (element.name === 'auth') this.#begin(element);
    else if (element.name === 'response') this.#respond(element);
    else this.#refuse('malformed-request');
    return true;
  }

  #begin(auth: XmlElement): void {
    const named = auth.attribute('mechanism');
    const mechanism = this.#host.offered.find((offered) => offered === named);
    if (mechanism === undefined) {
      this.#refuse('invalid-mechanism');
      return;
    }
    const initialResponse = auth.text === '' ? undefined : decodeSaslData(auth.text);
    if (auth.text !== '' && initialResponse === undefined) {
      this.#refuse('incorrect-encoding');
      return;
    }
    const previous = mechanism === 'ANONYMOUS' ? this.#host.resumed() : undefined;
    if (previous !== undefined) {
      // That its token ended during the call does not end the call.
      this.#accept(previous, true, undefined);
      return;
    }
    const { domain, context } = this.#host;
    const { token, room, remoteAddress } = context;
    this.#host.logIn(
      { mechanism, domain, initialResponse, token, room, remoteAddress },
      this.#check(),
    );
  }

  #respond(element: XmlElement): void {
    const challenge = this.#state;
    const response = decodeSaslData(element.text);
    if (typeof challenge === 'string') this.#refuse('malformed-request');
    else if (response === undefined) this.#refuse('incorrect-encoding');
    else challenge.respond(response, this.#check());
  }

  #check(): (step: LoginStep) => void {
    this.#state = 'checking';
    const number = ++this.#number;
    return (step) => {
      if (this.#state !== 'checking' || number !== this.#number) return;
      if (step.type === 'accepted') this.#accept(step.identity, false, step.data);
      else if (step.type === 'refused') this.#refuse(step.condition, step.text);
      else {
        this.#state = step;
        this.#host.send(saslChallenge(step.data));
      }
    };
  }

  #accept(identity: Identity, mayOnlyResume: boolean, data: string | undefined): void {
    this.#host.send(saslSuccess(data));
    this.#host.accepted(identity, mayOnlyResume);
  }

  /** The client may try again. */
  #refuse(condition: SaslFailureCondition, text?: string): void {
    this.#state = 'choosing';
    this.#host.send(saslFailure(condition, text));
  }
}
