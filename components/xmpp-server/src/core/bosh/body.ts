/** The `<body/>` that wraps what a BOSH response carries (XEP-0124 §4, XEP-0206 §3). */
import { escapeXml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

export type BodyAttributes = Readonly<Record<string, string | undefined>>;

/** `payload` is XML whose namespaces are declared in itself. */
export function writeBody(attributes: BodyAttributes, payload = ''): string {
  let text = `<body xmlns="${NS.httpBind}"`;
  const names = Object.keys(attributes);
  if (names.some((name) => name.startsWith('xmpp:'))) text += ' xmlns:xmpp="urn:xmpp:xbosh"';
  if (payload.includes('<stream:')) text += ` xmlns:stream="${NS.streams}"`;
  for (const name of names) {
    const value = attributes[name];
    if (value !== undefined) text += ` ${name}="${escapeXml(value)}"`;
  }
  return payload === '' ? `${text}/>` : `${text}>${payload}</body>`;
}
