/**
 * What the administrator of the server sees of rooms and does in them, without being in any: the
 * ground of the admin API. Values are copies; rooms are named by bare JID, people by their nick.
 */

import { type Affiliation, type Role, tenantOf } from '@conclave/protocols/xmpp';
import type { KeptRoom, RoomStore } from '../room-store.ts';
import type { Lobby } from './features/lobby.ts';
import { setAffiliation } from './muc/affiliations.ts';
import { displayNameOf } from './muc/display-name.ts';
import { restoreRoom } from './muc/kept-rooms.ts';
import { destroyRoom, expel } from './muc/leave.ts';
import type { MucService, RoomKind } from './muc/muc-service.ts';
import type { Occupant } from './muc/occupant.ts';
import { announceConfigurationChange } from './muc/owner-form.ts';
import { MAX_PASSWORD_LENGTH } from './muc/password.ts';
import type { Room } from './muc/room.ts';
import type { Rooms } from './muc/rooms.ts';
import { type SystemWords, tellRoom } from './muc/system-words.ts';

export interface RoomSummary {
  /** Bare JID. */
  readonly jid: string;
  readonly name: string;
  /** Undefined for rooms of no tenant, and for breakout rooms. */
  readonly tenant: string | undefined;
  readonly kind: RoomKind;
  readonly meetingId: string;
  /** Unix time, ms. */
  readonly createdWallMs: number;
  /** People in it; the focus and other services are not counted. */
  readonly participants: number;
  readonly isLocked: boolean;
  /** Others than members wait until they are let in. */
  readonly hasLobby: boolean;
}

export interface RoomDetails extends RoomSummary {
  readonly subject: string | undefined;
  readonly occupants: readonly OccupantSummary[];
}

export interface OccupantSummary {
  /** Nick and endpoint id. */
  readonly id: string;
  /** Full real JID. */
  readonly jid: string;
  readonly displayName: string | undefined;
  readonly email: string | undefined;
  /** Of the login; undefined for guests. */
  readonly userId: string | undefined;
  readonly role: Role;
  readonly affiliation: Affiliation;
}

export type WaitingSummary = Pick<OccupantSummary, 'id' | 'displayName' | 'email' | 'userId'>;

/** Why something was not done. */
export type AdminRefusal =
  | 'no-such-room'
  | 'no-such-occupant'
  | 'not-a-person'
  | 'password-too-long'
  | 'no-lobby-on-this-server'
  | 'list-full'
  | 'rooms-not-kept'
  | 'too-many-kept-rooms'
  | 'no-such-kept-room';

export type AdminResult = 'done' | AdminRefusal;

/** A room with the service that it belongs to. */
interface Found {
  readonly room: Room;
  readonly rooms: Rooms;
  readonly kind: RoomKind;
}

export class Administration {
  /** Of conferences. */
  readonly #rooms: Rooms;
  /** Conferences, breakout rooms. */
  readonly #services: readonly MucService[];
  readonly #lobby: Lobby | undefined;

  constructor(conferences: MucService, others: readonly MucService[], lobby: Lobby | undefined) {
    this.#lobby = lobby;
    this.#rooms = conferences.rooms;
    this.#services = [conferences, ...others];
  }

  list(): RoomSummary[] {
    return this.#services.flatMap(({ rooms, kind }) =>
      [...rooms.all()].map((room) => this.#summary({ room, rooms, kind })),
    );
  }

  show(jid: string): RoomDetails | undefined {
    const found = this.#find(jid);
    if (found === undefined) return undefined;
    const { room } = found;
    const occupants = this.#people(room).map((occupant) => occupantSummary(room, occupant));
    return { ...this.#summary(found), subject: room.subject?.text, occupants };
  }

  /** It may come back; a ban keeps it away until the room ends. */
  kick(jid: string, nick: string, reason: string | undefined, ban = false): AdminResult {
    return this.#withPerson(jid, nick, ({ room, rooms }, occupant) => {
      const { bare } = occupant.realJid;
      if (ban) room.affiliations.set(bare, 'outcast');
      else room.affiliations.delete(bare);
      expel(rooms, occupant, ban ? 'banned' : 'kicked', undefined, reason);
      return 'done';
    });
  }

  setModerator(jid: string, nick: string, isModerator: boolean): AdminResult {
    return this.#withPerson(jid, nick, ({ room, rooms }, occupant) => {
      const { bare } = occupant.realJid;
      // A member may come back after a lost connection, also when there is a lobby.
      const affiliation = isModerator ? 'owner' : room.isMembersOnly ? 'member' : 'none';
      if (!setAffiliation(rooms, room, bare, affiliation)) return 'list-full';
      const event = { room, actor: undefined, action: 'affiliation', target: bare } as const;
      rooms.hooks.moderated.run({ ...event, value: affiliation });
      return 'done';
    });
  }

  /** `undefined` opens the room. Who is inside stays. */
  setPassword(jid: string, password: string | undefined): AdminResult {
    return this.#withRoom(jid, ({ room, rooms }) => {
      if (password !== undefined && password.length > MAX_PASSWORD_LENGTH) {
        return 'password-too-long';
      }
      room.password = password === '' ? undefined : password;
      const value = room.password === undefined ? 'off' : 'on';
      rooms.hooks.moderated.run({ room, actor: undefined, action: 'password', value });
      announceConfigurationChange(room);
      return 'done';
    });
  }

  setLobby(jid: string, isOn: boolean): AdminResult {
    return this.#withRoom(jid, ({ room, rooms }) => {
      if (room.isMembersOnly === isOn) return 'done';
      const { membersOnlyChanged } = rooms.hooks;
      if (membersOnlyChanged.isEmpty) return 'no-lobby-on-this-server';
      room.isMembersOnly = isOn;
      membersOnlyChanged.run({ room, occupant: undefined });
      announceConfigurationChange(room);
      return 'done';
    });
  }

  /** Who waits in the lobby of a room; undefined when there is no such room. */
  waiting(jid: string): WaitingSummary[] | undefined {
    const found = this.#find(jid);
    if (found === undefined) return undefined;
    return (this.#lobby?.waitingFor(found.room) ?? []).map((guest) => {
      const { id, displayName, email, userId } = occupantSummary(found.room, guest);
      return { id, displayName, email, userId };
    });
  }

  admit(jid: string, nick: string): AdminResult {
    return this.#withGuest(jid, nick, (lobby, room, guest) =>
      lobby.admit(room, guest) ? 'done' : 'list-full',
    );
  }

  deny(jid: string, nick: string): AdminResult {
    return this.#withGuest(jid, nick, (lobby, _, guest) => {
      lobby.deny(guest);
      return 'done';
    });
  }

  /** Words of the server in the chat; to those with these full real JIDs only, if there are some. */
  tell(jid: string, words: SystemWords, onlyTo: readonly string[] = []): AdminResult {
    return this.#withRoom(jid, ({ room }) => {
      tellRoom(room, words, ({ realJid }) => onlyTo.length === 0 || onlyTo.includes(realJid.full));
      return 'done';
    });
  }

  /** Whether `password` opens the room; undefined when there is no such room. */
  isPassword(jid: string, password: string): boolean | undefined {
    const room = this.#find(jid)?.room;
    return room && room.password !== undefined && room.password === password;
  }

  /** Sessions of clients, in rooms or not. */
  sessionCount(): number {
    return this.#rooms.core.metrics.sessions;
  }

  /** Sends everybody away; with `comesBack` clients enter the room anew without a word. */
  end(jid: string, reason: string | undefined, comesBack = false): AdminResult {
    return this.#withRoom(jid, ({ room, rooms }) => {
      rooms.hooks.moderated.run({ room, actor: undefined, action: 'end' });
      destroyRoom(rooms, room, {
        reason: reason ?? 'The meeting has been terminated',
        ...(comesBack && { jid: room.jid.bare }),
      });
      return 'done';
    });
  }

  /** Bare JIDs of the rooms that are kept between meetings. */
  listKept(): readonly string[] {
    return this.#store?.list() ?? [];
  }

  showKept(jid: string): KeptRoom | undefined {
    return this.#store?.find(jid);
  }

  /** From now on, also before the first meeting; a meeting under way takes the settings over. */
  keep(jid: string, kept: KeptRoom): AdminResult {
    const store = this.#store;
    if (store === undefined) return 'rooms-not-kept';
    if ((kept.password?.length ?? 0) > MAX_PASSWORD_LENGTH) return 'password-too-long';
    if (!store.save(jid, kept)) return 'too-many-kept-rooms';
    const room = this.#rooms.find(jid);
    if (room !== undefined) {
      restoreRoom(this.#rooms, room, kept);
      announceConfigurationChange(room);
    }
    return 'done';
  }

  /** A meeting under way goes on as it is. */
  forget(jid: string): AdminResult {
    if (this.#store === undefined) return 'rooms-not-kept';
    return this.#store.remove(jid) ? 'done' : 'no-such-kept-room';
  }

  get #store(): RoomStore | undefined {
    return this.#rooms.core.options.roomStore;
  }

  #find(jid: string): Found | undefined {
    for (const { rooms, kind } of this.#services) {
      const room = rooms.find(jid);
      if (room !== undefined) return { room, rooms, kind };
    }
    return undefined;
  }

  #withRoom(jid: string, act: (found: Found) => AdminResult): AdminResult {
    const found = this.#find(jid);
    return found === undefined ? 'no-such-room' : act(found);
  }

  #withPerson(
    jid: string,
    nick: string,
    act: (found: Found, occupant: Occupant) => AdminResult,
  ): AdminResult {
    return this.#withRoom(jid, (found) => {
      const occupant = found.room.occupants.get(nick);
      if (occupant === undefined) return 'no-such-occupant';
      return this.#isService(occupant) ? 'not-a-person' : act(found, occupant);
    });
  }

  #withGuest(
    jid: string,
    nick: string,
    act: (lobby: Lobby, room: Room, guest: Occupant) => AdminResult,
  ): AdminResult {
    return this.#withRoom(jid, ({ room }) => {
      const lobby = this.#lobby;
      if (lobby === undefined) return 'no-lobby-on-this-server';
      const guest = lobby.waitingFor(room).find((waiting) => waiting.nick === nick);
      return guest === undefined ? 'no-such-occupant' : act(lobby, room, guest);
    });
  }

  #summary({ room, kind }: Found): RoomSummary {
    return {
      jid: room.jid.bare,
      name: room.jid.node,
      tenant: tenantOf(room.jid.domain, this.#rooms.core.options.mucDomain) || undefined,
      kind,
      meetingId: room.meetingId,
      createdWallMs: room.createdWallMs,
      participants: this.#people(room).length,
      isLocked: room.password !== undefined,
      hasLobby: room.isMembersOnly,
    };
  }

  #people(room: Room): Occupant[] {
    return [...room.occupants.values()].filter((occupant) => !this.#isService(occupant));
  }

  #isService(occupant: Occupant): boolean {
    return this.#rooms.isOwnerDomain(occupant.realJid.domain);
  }
}

function occupantSummary(room: Room, occupant: Occupant): OccupantSummary {
  const { payload, realJid, recipient, nick, role } = occupant;
  const { user } = recipient.identity;
  const elements = payload.filter((child) => typeof child !== 'string');
  return {
    id: nick,
    jid: realJid.full,
    displayName: displayNameOf(elements) ?? user?.name,
    email: user?.email ?? elements.find(({ name }) => name === 'email')?.text,
    userId: user?.id,
    role,
    affiliation: room.affiliationOf(realJid.bare),
  };
}
