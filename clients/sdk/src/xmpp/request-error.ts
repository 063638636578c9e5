/** Why a request got no result: the server's stanza error (RFC 6120 §8.3), silence, or a lost connection. */
import { ConclaveError } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import { type StanzaErrorCondition, stanzaErrorFromXml } from '@conclave/protocols/xmpp';

/** `timeout` and `disconnected` come from this side, all others from the other. */
export type RequestErrorCondition = StanzaErrorCondition | 'timeout' | 'disconnected';

export class RequestError extends ConclaveError {
  readonly condition: RequestErrorCondition;
  /** The server's words, if it gave any. */
  readonly text: string | undefined;
  /** Elements that an application defines, children of `error`. */
  readonly extra: readonly XmlElement[];

  constructor(condition: RequestErrorCondition, text?: string, extra: readonly XmlElement[] = []) {
    super('SDK_REQUEST_FAILED', `request failed: ${condition}${text ? ` (${text})` : ''}`);
    this.condition = condition;
    this.text = text;
    this.extra = extra;
  }
}

/** Reads the error of a stanza of type `error`. */
export function requestErrorFrom(stanza: XmlElement): RequestError {
  const error = stanzaErrorFromXml(stanza);
  if (error === undefined) return new RequestError('undefined-condition');
  return new RequestError(error.condition, error.text, error.extra);
}
