/** Who answers the requests of others: handlers are asked in turn, and nobody's request stays unanswered (RFC 6120 §8.2.3). */
import { type XmlElement, type XmlNode, xml } from '@conclave/protocols/xml';
import {
  iqPayload,
  NS,
  type StanzaErrorCondition,
  type StanzaErrorType,
  stanzaErrorToXml,
} from '@conclave/protocols/xmpp';

/** Answers an IQ: payload for a result, or an error. Undefined lets the next handler try. */
export type IqHandler = (iq: XmlElement, payload: XmlElement) => IqReply | undefined;
export type IqReply =
  | { readonly type: 'result'; readonly payload?: XmlElement }
  | {
      readonly type: 'error';
      readonly condition: StanzaErrorCondition;
      readonly kind?: StanzaErrorType;
      readonly extra?: readonly XmlElement[];
    };

export class IqHandlers {
  readonly #handlers: IqHandler[] = [];

  /** Handlers are asked in order of registration. Returns the function that removes it. */
  add(handler: IqHandler): () => void {
    this.#handlers.push(handler);
    return () => {
      const index = this.#handlers.indexOf(handler);
      if (index >= 0) this.#handlers.splice(index, 1);
    };
  }

  /** The answer to a request of type get or set. */
  answer(iq: XmlElement): XmlElement {
    const payload = iqPayload(iq);
    let reply: IqReply | undefined;
    if (payload !== undefined) {
      for (const handler of this.#handlers) {
        reply = handler(iq, payload);
        if (reply !== undefined) break;
      }
    }
    return replyToXml(iq, reply ?? { type: 'error', condition: 'service-unavailable' });
  }
}

function replyToXml(iq: XmlElement, reply: IqReply): XmlElement {
  const attributes = { type: reply.type, to: iq.attribute('from'), id: iq.attribute('id') };
  const children: XmlNode[] = [];
  if (reply.type === 'error') {
    const { condition, kind, extra } = reply;
    children.push(
      stanzaErrorToXml({ condition, ...(kind && { type: kind }), ...(extra && { extra }) }),
    );
  } else if (reply.payload !== undefined) children.push(reply.payload);
  return xml('iq', NS.client, attributes, ...children);
}
