/** The three stanzas and the shapes most code needs of them (RFC 6120 §8). */
import { XmlElement, type XmlNode, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

/** Whether this is an iq, message or presence; elements that inherit no namespace count as client's. */
export function isStanza(element: XmlElement): boolean {
  if (element.ns !== NS.client && element.ns !== '') return false;
  return element.name === 'iq' || element.name === 'message' || element.name === 'presence';
}

export interface IqRequest {
  readonly type: 'get' | 'set';
  readonly id: string;
  readonly to?: string;
  readonly from?: string;
}

/** An iq request with its one payload element. */
export function iqRequest(attributes: IqRequest, payload: XmlElement): XmlElement {
  const { type, id, to, from } = attributes;
  return xml('iq', NS.client, { type, id, to, from }, payload);
}

/** The answer to `request`: type result, same id, addresses swapped, with an optional payload. */
export function iqResult(request: XmlElement, payload?: XmlElement, from?: string): XmlElement {
  return xml(
    'iq',
    NS.client,
    {
      type: 'result',
      id: request.attribute('id'),
      from: from ?? request.attribute('to'),
      to: request.attribute('from'),
    },
    payload,
  );
}

/** The payload of an iq: its first child element. */
export function iqPayload(iq: XmlElement): XmlElement | undefined {
  for (const child of iq.elements()) return child;
  return undefined;
}

/**
 * A well-formed iq request has an id, a type and exactly one payload; a result or error has an id
 * (RFC 6120 §8.2.3).
 */
export function isValidIq(iq: XmlElement): boolean {
  const id = iq.attribute('id');
  if (id === undefined || id === '') return false;
  let payloads = 0;
  for (const _ of iq.elements()) payloads++;
  switch (iq.attribute('type')) {
    case 'get':
    case 'set':
      return payloads === 1;
    case 'result':
      return payloads <= 1;
    case 'error':
      return true;
    default:
      return false;
  }
}

/** `<json-message>` of Jitsi: JSON text in an element of the jitmeet namespace. */
export function jsonMessage(json: unknown): XmlElement {
  return xml('json-message', NS.jitmeet, {}, JSON.stringify(json));
}

/** A stanza with the same attributes but other children and addresses. */
export function readdress(
  stanza: XmlElement,
  from: string,
  to: string | undefined,
  children: readonly XmlNode[] = stanza.children,
): XmlElement {
  const copy = new XmlElement(stanza.name, NS.client, undefined, children);
  for (const [key, value] of stanza.attributes) copy.attributes.set(key, value);
  copy.attributes.set('from', from);
  if (to === undefined) copy.attributes.delete('to');
  else copy.attributes.set('to', to);
  return copy;
}
