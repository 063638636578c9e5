/** Direct sessions between two clients are not supported: offers from other occupants are declined (XEP-0166 §6.7). */
import { jingleFromXml, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import type { RoomContext } from './room-context.ts';

/** Answers an offer of `from` with `session-terminate`; false for any other request. */
export function declinePeerSession(
  { request }: Pick<RoomContext, 'request'>,
  from: string,
  payload: XmlElement,
): boolean {
  const result = jingleFromXml(payload);
  if (result.type === 'error' || result.jingle.action !== 'session-initiate') return false;
  const { sid, initiator } = result.jingle;
  const decline = jingleToXml({
    action: 'session-terminate',
    sid,
    ...(initiator !== undefined && { initiator }),
    contents: [],
    bundle: [],
    reason: { condition: 'decline' },
  });
  request('set', from, decline).catch(() => {
    // The other side has given up meanwhile.
  });
  return true;
}
