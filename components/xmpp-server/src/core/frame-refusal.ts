/** Which stream error a frame that is no acceptable element gets (RFC 6120 §4.9.3, §11.1). */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS, type StreamErrorCondition } from '@conclave/protocols/xmpp';

/** `reason` is the parser's; see `parseXml`. */
export function conditionForParseError(reason: string): StreamErrorCondition {
  if (reason.startsWith('too ')) return 'policy-violation';
  if (reason.endsWith('not allowed')) return 'restricted-xml';
  return 'not-well-formed';
}

/**
 * Whether an element below the stanza belongs to the stream itself. Clients look for
 * `stream:error` anywhere in a frame, so relaying one would let a client disconnect others.
 */
export function holdsStreamElement(element: XmlElement): boolean {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (child.ns === NS.streams || child.ns === NS.framing || holdsStreamElement(child))
      return true;
  }
  return false;
}
