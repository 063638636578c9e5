/** When a delayed stanza was first sent (XEP-0203 v2.0). */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

/** `wallMs` is Unix time in ms. */
export function delayToXml(from: string, wallMs: number): XmlElement {
  return xml('delay', NS.delay, { from, stamp: new Date(wallMs).toISOString() });
}
