/**
 * A room: who is in it, in order of arrival, and its settings. State and order only; what happens in
 * a room is in the modules beside this file.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import type { Affiliation, Jid } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Occupant } from './occupant.ts';

export class Room {
  readonly jid: Jid;
  /** UUID of this instance of the room; names the conference on the bridge and in statistics. */
  readonly meetingId: string;
  /** Unix time, ms. */
  readonly createdWallMs: number;
  /** By nick. */
  readonly occupants = new Map<string, Occupant>();
  /** By bare real JID; absent is none. */
  readonly affiliations = new Map<string, Affiliation>();
  /** Absent: no password. */
  password: string | undefined;
  /** People that fit in; absent: as many as the server allows. */
  maxOccupants: number | undefined;
  /** Only members enter; see the lobby. */
  isMembersOnly = false;
  /** Members only until the host comes, not because a moderator wanted it. */
  isWaitingForHost = false;
  /** Modules for whose sake it stays when it is empty. */
  readonly keepers = new Set<object>();
  subject: { readonly text: string; readonly from: string } | undefined;
  readonly #byRealJid = new Map<string, Occupant>();

  constructor(jid: Jid, meetingId: string, createdWallMs: number) {
    this.jid = jid;
    this.meetingId = meetingId;
    this.createdWallMs = createdWallMs;
  }

  get isKept(): boolean {
    return this.keepers.size > 0;
  }

  /** `fullJid` is the real one. */
  occupantOf(fullJid: string): Occupant | undefined {
    return this.#byRealJid.get(fullJid);
  }

  add(occupant: Occupant): void {
    this.occupants.set(occupant.nick, occupant);
    this.#byRealJid.set(occupant.realJid.full, occupant);
  }

  remove(occupant: Occupant): void {
    this.occupants.delete(occupant.nick);
    this.#byRealJid.delete(occupant.realJid.full);
  }

  affiliationOf(bareJid: string): Affiliation {
    return this.affiliations.get(bareJid) ?? 'none';
  }

  /** To everybody, or to those whom `includes` accepts. `stanza` needs no `to`. */
  broadcast(stanza: XmlElement, includes?: (occupant: Occupant) => boolean): void {
    this.broadcastPrepared(new PreparedStanza(stanza), includes);
  }

  broadcastPrepared(stanza: PreparedStanza, includes?: (occupant: Occupant) => boolean): void {
    for (const occupant of this.occupants.values()) {
      if (includes === undefined || includes(occupant)) occupant.recipient.deliver(stanza);
    }
  }
}
