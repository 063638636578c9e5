/** The name people gave themselves (XEP-0172), as far as their presence tells. */
import type { XmlNode } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

/** Characters; the rest is cut. */
const MAX_LENGTH = 256;

/** Of a presence's children; `undefined` when there is none worth the name. */
export function displayNameOf(children: Iterable<XmlNode>): string | undefined {
  for (const child of children) {
    if (typeof child === 'string' || child.name !== 'nick' || child.ns !== NS.nick) continue;
    const name = child.text.trim().slice(0, MAX_LENGTH);
    if (name !== '') return name;
  }
  return undefined;
}
