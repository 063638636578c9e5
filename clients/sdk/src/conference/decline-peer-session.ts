/** Direct sessions between two clients are not supported: offers from other occupants are declined (XEP-0166 §6.7). */
import { jingleFromXml, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';

/** The `session-terminate` that answers an offer, or undefined for any other request. */
export function declinePeerSession(payload: XmlElement): XmlElement | undefined {
  const result = jingleFromXml(payload);
  if (result.type === 'error' || result.jingle.action !== 'session-initiate') return undefined;
  const { sid, initiator } = result.jingle;
  return jingleToXml({
    action: 'session-terminate',
    sid,
    ...(initiator !== undefined && { initiator }),
    contents: [],
    bundle: [],
    reason: { condition: 'decline' },
  });
}
