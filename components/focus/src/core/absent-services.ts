/** Requests for services that this server does not have: clients show the reason instead of a failure without one. */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS, type StanzaError } from '@conclave/protocols/xmpp';

/** The answer to a request that nobody here understands. */
export function absentService({ ns, name }: XmlElement): StanzaError {
  const condition = 'service-unavailable';
  if (ns === NS.jibri && name === 'jibri') {
    return { condition, text: 'this server has no recorder' };
  }
  if (ns === NS.rayo) return { condition, text: 'this server has no telephone and no transcriber' };
  return { condition };
}
