/**
 * Waiting for the host (COMPAT: Jitsi's `muc_wait_for_host`): guests do not enter a room before somebody who
 * logged in has; they wait in the lobby, which opens by itself when the host comes.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Identity } from '../identity.ts';
import { JOIN_ORDER, type JoinEvent, type JoinVerdict } from '../muc/hooks.ts';
import type { Room } from '../muc/room.ts';
import type { FeatureContext } from './feature-component.ts';
import type { Lobby } from './lobby.ts';

/** How long a room is kept for somebody who was told to wait and is on the way to the lobby. */
const TURN_AROUND_MS = 60_000;

export class WaitForHost {
  readonly #context: FeatureContext;
  /** Without one, guests are told to log in or come back later. */
  readonly #lobby: Lobby | undefined;
  /** A host has been in it. */
  readonly #hosted = new WeakSet<Room>();

  constructor(context: FeatureContext, lobby: Lobby | undefined) {
    this.#context = context;
    this.#lobby = lobby;
    const { hooks } = context.rooms;
    hooks.preJoin.add(JOIN_ORDER.host, (event) => this.#gate(event));
    hooks.occupantJoined.add(300, ({ room, occupant }) => {
      if (isHost(occupant.recipient.identity)) this.#open(room);
      return undefined;
    });
    lobby?.service.hooks.occupantLeft.add(200, ({ room }) => {
      const conference = lobby.conferenceOf(room);
      if (conference !== undefined) this.#review(conference);
      return undefined;
    });
  }

  #gate(event: JoinEvent): JoinVerdict | undefined {
    const { attempt, room } = event;
    const { sender } = attempt;
    if (this.#context.rooms.isOwnerDomain(sender.jid.domain)) return undefined;
    if (!isHost(sender.identity)) return this.#hosted.has(room) ? undefined : this.#refusal(room);
    // Hosts lead; none is chosen by being first.
    event.affiliation = 'owner';
    return undefined;
  }

  #refusal(room: Room): JoinVerdict {
    const lobby = this.#waitingRoom(room);
    if (lobby === undefined) {
      const extra = [xml('authentication-required', NS.jitmeet)];
      const text = 'The host is not here yet';
      return { type: 'refuse', error: { condition: 'not-allowed', text, extra } };
    }
    const address = lobby.jid.bare;
    const extra = [xml('waiting-for-host', NS.jitmeet), xml('lobbyroom', NS.jitmeet, {}, address)];
    return {
      type: 'refuse',
      error: { condition: 'registration-required', extra },
      // COMPAT: clients of before 2022 look here.
      children: [xml('lobbyroom', NS.client, {}, address)],
    };
  }

  #waitingRoom(room: Room): Room | undefined {
    if (this.#lobby === undefined) return undefined;
    const { core, rooms } = this.#context;
    if (!room.isMembersOnly) {
      room.isWaitingForHost = true;
      room.isMembersOnly = true;
      rooms.hooks.membersOnlyChanged.run({ room, occupant: undefined });
    }
    // The focus does not wait as long as people do.
    room.keepers.add(this);
    core.deadlines.at(core.nowMs + TURN_AROUND_MS, () => this.#review(room));
    return this.#lobby.lobbyOf(room);
  }

  /** The host is in: whoever waits follows, unless the room has a lobby of its own. */
  #open(room: Room): void {
    this.#hosted.add(room);
    room.keepers.delete(this);
    if (!room.isWaitingForHost) return;
    room.isMembersOnly = false;
    const reason = 'Host arrived.';
    this.#context.rooms.hooks.membersOnlyChanged.run({ room, occupant: undefined, reason });
    room.isWaitingForHost = false;
  }

  /** Nobody waits any more: without people the room may end. */
  #review(room: Room): void {
    const waiting = this.#lobby?.lobbyOf(room);
    if (waiting !== undefined && waiting.occupants.size > 0) return;
    if (room.keepers.delete(this)) this.#context.rooms.endIfEmpty(room);
  }
}

/** Who logged in, and of whom the login does not say that it is no moderator. */
function isHost({ isAuthenticated, isModerator }: Identity): boolean {
  return isAuthenticated && isModerator !== false;
}
