/** One person (or service) in one room: state only. */
import type { XmlNode } from '@conclave/protocols/xml';
import type { Jid, Role } from '@conclave/protocols/xmpp';
import type { PreparedStanza } from '../prepared-stanza.ts';
import type { Recipient } from '../recipient.ts';
import type { Room } from './room.ts';

export class Occupant {
  readonly room: Room;
  /** Also the endpoint id of the media plane. */
  readonly nick: string;
  /** `room@muc/nick`. */
  readonly occupantJid: string;
  readonly recipient: Recipient;
  role: Role;
  /** Looks on, unseen by the others; its role is `visitor`. */
  isVisitor = false;
  /** Sanitised children of the last presence, without muc#user. */
  payload: readonly XmlNode[];
  /** The presence as everybody else gets it; dropped by `presenceChanged`. */
  prepared: PreparedStanza | undefined;

  constructor(
    room: Room,
    nick: string,
    recipient: Recipient,
    role: Role,
    payload: readonly XmlNode[],
  ) {
    this.room = room;
    this.nick = nick;
    this.occupantJid = `${room.jid.bare}/${nick}`;
    this.recipient = recipient;
    this.role = role;
    this.payload = payload;
  }

  get realJid(): Jid {
    return this.recipient.jid;
  }

  get isModerator(): boolean {
    return this.role === 'moderator';
  }

  /** Call after any change of what its presence shows. */
  presenceChanged(): void {
    this.prepared = undefined;
  }
}
