/** A conference with its breakout rooms: which there are, who is at home, and how clients are told. */
import { Jid } from '@conclave/protocols/xmpp';
import { displayNameOf } from '../muc/display-name.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import type { Rooms } from '../muc/rooms.ts';

export interface BreakoutRoom {
  readonly jid: Jid;
  name: string;
}

export class BreakoutFamily {
  readonly main: Room;
  /** By bare JID, in order of creation; the room itself is there only while somebody is in it. */
  readonly breakouts = new Map<string, BreakoutRoom>();
  /** Bare real JIDs of those who were let into the main room: they may move about. */
  readonly people = new Set<string>();
  /** Breakout rooms ever made: clients number them by it. */
  counter = 0;
  readonly #breakoutRooms: Rooms;

  constructor(main: Room, breakoutRooms: Rooms) {
    this.main = main;
    this.#breakoutRooms = breakoutRooms;
    for (const occupant of main.occupants.values()) this.admit(occupant);
  }

  /** May move about from now on; visitors of the main room may not. */
  admit({ realJid, isVisitor }: Occupant): void {
    if (isVisitor) this.people.delete(realJid.bare);
    else this.people.add(realJid.bare);
  }

  add(node: string, domain: string, name: string): void {
    const jid = new Jid(node, domain);
    this.breakouts.set(jid.bare, { jid, name });
    this.counter++;
  }

  /** Whether `bareJid` is the main room or one of the breakout rooms. */
  has(bareJid: string): boolean {
    return bareJid === this.main.jid.bare || this.breakouts.has(bareJid);
  }

  /** The main room, and the breakout rooms that somebody is in. */
  *rooms(): Generator<Room> {
    yield this.main;
    for (const bareJid of this.breakouts.keys()) {
      const room = this.#breakoutRooms.find(bareJid);
      if (room !== undefined) yield room;
    }
  }

  /** Everybody in all rooms, without services and visitors. */
  *occupants(): Generator<Occupant> {
    for (const room of this.rooms()) yield* this.#peopleIn(room);
  }

  occupantOf(fullJid: string): Occupant | undefined {
    for (const room of this.rooms()) {
      const occupant = room.occupantOf(fullJid);
      if (occupant !== undefined) return occupant;
    }
    return undefined;
  }

  /** Whether somebody leads, in whichever room. */
  get hasModerator(): boolean {
    for (const { isModerator } of this.occupants()) if (isModerator) return true;
    return false;
  }

  /** The `rooms` of an update (COMPAT: the members clients read). */
  toJson(): Readonly<Record<string, unknown>> {
    const entries: [string, unknown][] = [this.#entry(this.main.jid, this.main.jid.node, true)];
    for (const { jid, name } of this.breakouts.values())
      entries.push(this.#entry(jid, name, false));
    return Object.fromEntries(entries);
  }

  #entry(jid: Jid, name: string, isMainRoom: boolean): [string, unknown] {
    const room = isMainRoom ? this.main : this.#breakoutRooms.find(jid.bare);
    const participants: [string, unknown][] = [];
    for (const occupant of room === undefined ? [] : this.#peopleIn(room)) {
      const { realJid, role, payload, occupantJid } = occupant;
      const displayName = displayNameOf(payload);
      participants.push([occupantJid, { jid: realJid.full, role, displayName }]);
    }
    return [
      jid.node,
      {
        id: jid.node,
        jid: jid.bare,
        name,
        ...(isMainRoom && { isMainRoom }),
        participants: Object.fromEntries(participants),
      },
    ];
  }

  *#peopleIn(room: Room): Generator<Occupant> {
    for (const occupant of room.occupants.values()) {
      const isService = this.#breakoutRooms.isOwnerDomain(occupant.realJid.domain);
      if (!isService && !occupant.isVisitor) yield occupant;
    }
  }
}
