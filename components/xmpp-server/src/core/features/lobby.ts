/**
 * The lobby (COMPAT: Jitsi): a room beside a members-only conference in which people wait until a
 * moderator lets them in. Its moderators are those of the conference; what waiting people see of it
 * is in `lobby-privacy.ts`.
 */
import { xml } from '@conclave/protocols/xml';
import {
  type Affiliation,
  Jid,
  jsonMessage,
  NS,
  nodeWithTenant,
  parseJid,
  roomFromNode,
} from '@conclave/protocols/xmpp';
import { setAffiliation } from '../muc/affiliations.ts';
import { displayNameOf } from '../muc/display-name.ts';
import {
  JOIN_ORDER,
  type JoinEvent,
  type JoinVerdict,
  type MessageEvent,
  type MessageVerdict,
} from '../muc/hooks.ts';
import { destroyRoom, expel } from '../muc/leave.ts';
import { MucService } from '../muc/muc-service.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { PreparedStanza } from '../prepared-stanza.ts';
import { FeatureComponent, type FeatureContext } from './feature-component.ts';
import { addLobbyLimit } from './lobby-limit.ts';
import { addLobbyPrivacy } from './lobby-privacy.ts';
import type { RoomMetadata } from './room-metadata.ts';

/** People let in with one message. */
const MAX_INVITES = 256;
const LIST_FULL = 'The list of members of this room is full.';

export class Lobby {
  /** The waiting rooms. */
  readonly service: MucService;
  readonly #context: FeatureContext;
  readonly #metadata: RoomMetadata | undefined;
  readonly #address: string;
  /** By conference. */
  readonly #lobbies = new Map<Room, Room>();
  /** The other way. */
  readonly #conferences = new WeakMap<Room, Room>();

  constructor(context: FeatureContext, metadata: RoomMetadata | undefined) {
    this.#context = context;
    this.#metadata = metadata;
    this.service = new MucService(context.core, 'lobby');
    const component = new FeatureComponent(context, {
      label: 'lobby',
      type: 'lobbyrooms',
      discoNodes: { lobbyrooms: [] },
    });
    this.#address = component.address;
    context.router.addService(component.address, {
      handleStanza: (input) => {
        (input.to.node === '' ? component : this.service).handleStanza(input);
      },
    });
    this.#addToConferences();
    this.#addToLobbies();
    addLobbyLimit(this.service.rooms, (room) => this.conferenceOf(room));
  }

  /** Where people wait for this conference; absent while it is open. */
  lobbyOf(conference: Room): Room | undefined {
    return this.#lobbies.get(conference);
  }

  /** Who waits to be let in. */
  waitingFor(conference: Room): readonly Occupant[] {
    const inside = this.#lobbies.get(conference)?.occupants.values() ?? [];
    return [...inside].filter(({ isModerator }) => !isModerator);
  }

  /** The administrator lets somebody in who waits; false when the list of members is full. */
  admit(conference: Room, guest: Occupant): boolean {
    return this.#invite(conference, undefined, guest);
  }

  /** The administrator sends somebody away who waits. */
  deny(guest: Occupant): void {
    expel(this.service.rooms, guest, 'kicked', undefined, undefined);
  }

  conferenceOf(lobby: Room): Room | undefined {
    return this.#conferences.get(lobby);
  }

  #addToConferences(): void {
    const { hooks } = this.#context.rooms;
    hooks.membersOnlyChanged.add(100, ({ room, occupant, reason }) => {
      if (room.isMembersOnly) this.#open(room, occupant);
      else this.#close(room, occupant, reason);
      return undefined;
    });
    hooks.roomEnded.add(100, (room) => this.#end(room));
    hooks.roomInfo.add(300, ({ room, fields }) => {
      const lobby = this.#lobbies.get(room);
      if (lobby === undefined) return undefined;
      fields.push({ name: 'muc#roominfo_lobbyroom', values: [lobby.jid.bare] });
      return undefined;
    });
    hooks.preJoin.add(JOIN_ORDER.lobby, (event) => this.#gate(event));
    hooks.roomMessage.add(100, (event) => this.#letIn(event));
    hooks.occupantUpdated.add(200, ({ occupant }) => this.#mirror(occupant));
    hooks.occupantLeft.add(200, ({ occupant }) => this.#mirror(occupant));
  }

  #addToLobbies(): void {
    const { hooks, rooms } = this.service;
    const { mucDomain } = this.#context.core.options;
    rooms.entryRoomOf = ({ node }) => roomFromNode(node, mucDomain);
    addLobbyPrivacy(hooks);
    hooks.preJoin.add(JOIN_ORDER.affiliation + 1, (event) => {
      const conference = this.#conferences.get(event.room);
      const { sender } = event.attempt;
      if (conference !== undefined) {
        event.affiliation = affiliationInLobby(conference, sender.jid);
      }
      return undefined;
    });
    hooks.occupantLeft.add(100, ({ room, occupant, reason, actor }) => {
      const conference = this.#conferences.get(room);
      if (reason !== 'kicked' || conference === undefined) return undefined;
      const moderator = actor && conference.occupantOf(actor.realJid.full);
      notifyOfPerson(conference, moderator, 'LOBBY-ACCESS-DENIED', occupant);
      return undefined;
    });
  }

  #open(room: Room, actor: Occupant | undefined): void {
    const { rooms } = this.service;
    const { mucDomain } = this.#context.core.options;
    const jid = new Jid(nodeWithTenant(room.jid, mucDomain), this.#address);
    const lobby = rooms.find(jid.bare) ?? rooms.create(jid);
    lobby.keepers.add(this);
    this.#lobbies.set(room, lobby);
    this.#conferences.set(lobby, room);
    // Those inside may come back after a lost connection.
    for (const { realJid, isVisitor } of room.occupants.values()) {
      if (!isVisitor && room.affiliationOf(realJid.bare) === 'none')
        room.affiliations.set(realJid.bare, 'member');
    }
    for (const occupant of room.occupants.values()) occupant.presenceChanged();
    this.#metadata?.set(room, 'lobbyEnabled', true);
    notify(room, actor, { event: 'LOBBY-ENABLED', value: true });
    this.#record(room, actor, 'on');
  }

  #close(room: Room, actor: Occupant | undefined, reason = 'Lobby room closed.'): void {
    const lobby = this.#lobbies.get(room);
    this.#lobbies.delete(room);
    if (lobby !== undefined) {
      // With the address of the conference those who wait enter it.
      destroyRoom(this.service.rooms, lobby, { jid: room.jid.bare, reason });
    }
    this.#metadata?.set(room, 'lobbyEnabled', false);
    notify(room, actor, { event: 'LOBBY-ENABLED', value: false });
    this.#record(room, actor, 'off');
  }

  #record(room: Room, actor: Occupant | undefined, value: 'on' | 'off'): void {
    // That a host is waited for is nobody's decision.
    if (room.isWaitingForHost) return;
    this.#context.rooms.hooks.moderated.run({ room, actor, action: 'lobby', value });
  }

  #end(room: Room): undefined {
    const lobby = this.#lobbies.get(room);
    this.#lobbies.delete(room);
    if (lobby !== undefined)
      destroyRoom(this.service.rooms, lobby, { reason: 'Lobby room closed.' });
  }

  #gate(event: JoinEvent): JoinVerdict | undefined {
    const { attempt, room, affiliation } = event;
    const lobby = this.#lobbies.get(room);
    if (lobby === undefined || (affiliation !== 'none' && affiliation !== 'outcast')) {
      return undefined;
    }
    const password = attempt.muc.child('password')?.text;
    const knowsPassword = room.password !== undefined && password === room.password;
    if (
      knowsPassword ||
      event.isKnown === true ||
      this.#context.rooms.hooks.lobbyBypass.run(event) === true
    ) {
      event.affiliation = 'member';
      return undefined;
    }
    if (displayNameOf(attempt.presence.elements()) === undefined) {
      const extra = [xml('displayname-required', NS.jitmeet, { lobby: 'true' })];
      return { type: 'refuse', error: { condition: 'not-acceptable', extra } };
    }
    return {
      type: 'refuse',
      error: {
        condition: 'registration-required',
        extra: [xml('lobbyroom', NS.jitmeet, {}, lobby.jid.bare)],
      },
      // COMPAT: clients of before 2022 look here.
      children: [xml('lobbyroom', NS.client, {}, lobby.jid.bare)],
    };
  }

  /** A moderator's message with invitations for people who wait. */
  #letIn({ room, occupant, stanza }: MessageEvent): MessageVerdict | undefined {
    const lobby = this.#lobbies.get(room);
    const invites = stanza.child('x', NS.mucUser)?.childrenNamed('invite', NS.mucUser) ?? [];
    if (lobby === undefined || invites.length === 0) return undefined;
    if (!occupant.isModerator) return { condition: 'forbidden' };
    if (invites.length > MAX_INVITES) return { condition: 'policy-violation' };
    let isKnown = false;
    let isListFull = false;
    for (const invite of invites) {
      const guest = lobby.occupantOf(parseJid(invite.attribute('to') ?? '')?.full ?? '');
      if (guest === undefined || guest.isModerator) continue;
      isKnown = true;
      const reason = invite.child('reason')?.text.slice(0, 1024);
      if (this.#invite(room, occupant, guest, reason)) continue;
      isListFull = true;
      // Clients of moderators show nobody any more whom they have let in: better sent away than forgotten.
      expel(this.service.rooms, guest, 'kicked', undefined, LIST_FULL);
    }
    if (isListFull) return { condition: 'resource-constraint', text: LIST_FULL };
    return isKnown ? 'handled' : { condition: 'item-not-found' };
  }

  /** Lets `guest` in; false when the list of members is full. Without a moderator it is the administrator. */
  #invite(room: Room, moderator: Occupant | undefined, guest: Occupant, reason = ''): boolean {
    const { rooms } = this.#context;
    if (!setAffiliation(rooms, room, guest.realJid.bare, 'member')) return false;
    const from = moderator?.realJid.full ?? room.jid.bare;
    const x = xml(
      'x',
      NS.mucUser,
      {},
      xml('invite', NS.mucUser, { from }, xml('reason', NS.mucUser, {}, reason)),
    );
    guest.recipient.deliver(
      new PreparedStanza(xml('message', NS.client, { from: room.jid.bare }, x)),
    );
    notifyOfPerson(room, moderator, 'LOBBY-ACCESS-GRANTED', guest);
    const event = { room, actor: moderator, action: 'admit' } as const;
    rooms.hooks.moderated.run({ ...event, target: guest.realJid.bare });
    return true;
  }

  /** Moderators of the conference are those of the lobby. */
  #mirror({ room, realJid }: Occupant): undefined {
    const lobby = this.#lobbies.get(room);
    const waiting = lobby?.occupantOf(realJid.full);
    if (lobby === undefined || waiting === undefined) return;
    const affiliation = affiliationInLobby(room, realJid);
    if (lobby.affiliationOf(realJid.bare) === affiliation) return;
    setAffiliation(this.service.rooms, lobby, realJid.bare, affiliation);
  }
}

function affiliationInLobby(conference: Room, jid: Jid): Affiliation {
  if (conference.occupantOf(jid.full)?.isModerator === true) return 'owner';
  return conference.affiliationOf(jid.bare) === 'outcast' ? 'outcast' : 'none';
}

/** Says to everybody in the conference, in the name of a moderator or of the room, what happened. */
function notify(
  room: Room,
  actor: Occupant | undefined,
  news: Readonly<Record<string, unknown>>,
): void {
  const payload = jsonMessage({ type: 'lobby-notify', ...news });
  const from = actor?.occupantJid ?? room.jid.bare;
  room.broadcast(xml('message', NS.client, { type: 'groupchat', from }, payload));
}

function notifyOfPerson(
  room: Room,
  moderator: Occupant | undefined,
  event: string,
  guest: Occupant,
): void {
  const name = displayNameOf(guest.payload);
  notify(room, moderator, { event, value: guest.occupantJid, name });
}
