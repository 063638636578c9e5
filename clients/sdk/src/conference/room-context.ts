/** What the parts of a conference share: where we are, who we are, and the way to the server. */
import type { XmlElement } from '@conclave/protocols/xml';

export interface RoomContext {
  /** Bare JID of the room. */
  readonly roomJid: string;
  /** Our nickname and endpoint id. */
  readonly ownId: string;
  send(stanza: XmlElement): void;
  /** Rejects with a RequestError. */
  request(type: 'get' | 'set', to: string, payload: XmlElement): Promise<XmlElement>;
}

export const FOCUS_NICK = 'focus';

/** Whether a stanza comes from the room itself or one of its occupants. */
export function isFromRoom(from: string, roomJid: string): boolean {
  return from === roomJid || from.startsWith(`${roomJid}/`);
}
