/** What a bound client asks of stream management: enable, request, acknowledgement (XEP-0198 §3-4). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, parseHandledCount } from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import type { Session } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';

export type ManagementAnswer =
  | { readonly type: 'reply'; readonly element: XmlElement }
  | { readonly type: 'none' }
  /** The client counts stanzas that we never sent (§4, handled-count-too-high). */
  | { readonly type: 'miscounted' }
  | { readonly type: 'unknown' };

/** `element` is in the stream management namespace. */
export function answerStreamManagement(
  core: CoreContext,
  sessions: SessionRegistry,
  session: Session,
  element: XmlElement,
): ManagementAnswer {
  switch (element.name) {
    case 'enable':
      return { type: 'reply', element: enable(core, sessions, session, element) };
    case 'r':
      return { type: 'reply', element: xml('a', NS.sm, { h: String(session.handledCount) }) };
    case 'a': {
      const h = parseHandledCount(element.attribute('h'));
      const isMiscounted = h === undefined || session.acknowledge(h) === 'too-high';
      return { type: isMiscounted ? 'miscounted' : 'none' };
    }
    default:
      return { type: 'unknown' };
  }
}

/** As clients write it; one comes for every five stanzas they get, so it is worth not parsing. */
const PLAIN_ACK = /^<a xmlns=(["'])urn:xmpp:sm:3\1 h=(["'])(\d{1,10})\2 ?\/>$/;
const MAX_PLAIN_ACK_LENGTH = 48;

/** The frame's `h` when it is nothing but an acknowledgement in its usual form. */
export function plainAck(frame: string): number | undefined {
  if (frame.length > MAX_PLAIN_ACK_LENGTH || !frame.startsWith('<a ')) return undefined;
  return parseHandledCount(PLAIN_ACK.exec(frame)?.[3]);
}

/** COMPAT: always answered; clients send nothing else until they have the answer. */
function enable(
  core: CoreContext,
  sessions: SessionRegistry,
  session: Session,
  element: XmlElement,
): XmlElement {
  if (session.hasStreamManagement) {
    return xml('failed', NS.sm, {}, xml('unexpected-request', NS.stanzaErrors));
  }
  const resume = element.attribute('resume');
  sessions.enableStreamManagement(session, resume === 'true' || resume === '1');
  if (session.smId === undefined) return xml('enabled', NS.sm);
  const max = String(Math.floor(core.options.hibernationMs / 1000));
  return xml('enabled', NS.sm, { id: session.smId, resume: 'true', max });
}
