/** All rooms, who is in which, and what their modules need from outside. */
import { randomUuid } from '@conclave/base';
import type { Jid } from '@conclave/protocols/xmpp';
import type { CoreContext } from '../context.ts';
import type { MucHooks } from './hooks.ts';
import type { Occupant } from './occupant.ts';
import { Room } from './room.ts';

export class Rooms {
  readonly core: CoreContext;
  readonly hooks: MucHooks;
  readonly #byJid = new Map<string, Room>();
  /** Rooms of a real full JID. */
  readonly #bySession = new Map<string, Set<Room>>();

  constructor(core: CoreContext, hooks: MucHooks) {
    this.core = core;
    this.hooks = hooks;
  }

  /**
   * The room whose rules of entry count for the room `jid` (bare): itself, or for a breakout room its
   * main room. Set by the feature that has such rooms.
   */
  entryRoomOf: (jid: Jid) => Jid = (jid) => jid;

  find(bareJid: string): Room | undefined {
    return this.#byJid.get(bareJid);
  }

  all(): IterableIterator<Room> {
    return this.#byJid.values();
  }

  /** `jid` is bare and not in use. */
  create(jid: Jid): Room {
    const room = new Room(jid, randomUuid(this.core.random), Math.floor(this.core.wallMs));
    this.#byJid.set(jid.bare, room);
    this.core.metrics.rooms++;
    this.core.logger.info('muc.room.created', { room: jid.bare, meetingId: room.meetingId });
    this.hooks.roomCreated.run(room);
    return room;
  }

  /** Rooms of the session with this full JID. */
  roomsOf(fullJid: string): readonly Room[] {
    return [...(this.#bySession.get(fullJid) ?? [])];
  }

  roomCountOf(fullJid: string): number {
    return this.#bySession.get(fullJid)?.size ?? 0;
  }

  enter(occupant: Occupant): void {
    occupant.room.add(occupant);
    const key = occupant.realJid.full;
    const rooms = this.#bySession.get(key);
    if (rooms === undefined) this.#bySession.set(key, new Set([occupant.room]));
    else rooms.add(occupant.room);
    this.core.metrics.occupants++;
  }

  /** Takes `occupant` out; `endIfEmpty` is to follow when everybody has been told. */
  exit(occupant: Occupant): void {
    occupant.room.remove(occupant);
    const key = occupant.realJid.full;
    const rooms = this.#bySession.get(key);
    rooms?.delete(occupant.room);
    if (rooms?.size === 0) this.#bySession.delete(key);
    this.core.metrics.occupants--;
  }

  endIfEmpty(room: Room): void {
    if (room.occupants.size > 0 || room.isKept) return;
    if (this.#byJid.get(room.jid.bare) !== room) return;
    this.#byJid.delete(room.jid.bare);
    this.core.metrics.rooms--;
    this.core.logger.info('muc.room.ended', { room: room.jid.bare, meetingId: room.meetingId });
    this.hooks.roomEnded.run(room);
  }

  /** Services that are owner everywhere (the focus, recorders). */
  isOwnerDomain(domain: string): boolean {
    return this.core.options.ownerDomains.includes(domain);
  }
}
