/**
 * The points at which features of rooms take part, with their events. Lobby, breakout rooms, polls
 * and the rest register here; the kernel (join, presence, messages) does not know them.
 */
import type { XmlElement, XmlNode } from '@conclave/protocols/xml';
import type { Affiliation, DataForm, Jid, StanzaError } from '@conclave/protocols/xmpp';
import type { Recipient } from '../recipient.ts';
import { Hook } from './hook.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';

/** A presence that wants to enter. */
export interface JoinAttempt {
  /** `room@muc/nick`, as sent. */
  readonly to: Jid;
  readonly nick: string;
  readonly presence: XmlElement;
  /** The `<x xmlns="…/muc">`. */
  readonly muc: XmlElement;
  readonly sender: Recipient;
}

export interface JoinEvent {
  readonly attempt: JoinAttempt;
  readonly room: Room;
  /** From the room's list; a gate may raise it. */
  affiliation: Affiliation;
  /** A gate knows this person: neither lobby nor password ask. */
  isKnown?: boolean;
  /** A gate lets it in to look on. */
  isVisitor?: boolean;
}

export type JoinVerdict =
  | {
      readonly type: 'refuse';
      readonly error: StanzaError;
      /** Further children of the error presence, for old clients. */
      readonly children?: readonly XmlNode[];
    }
  /** The gate keeps the attempt and will hand it in again. */
  | { readonly type: 'wait' };

/** Order of the gates in front of a room (docs: stock order of Jitsi's hooks). */
export const JOIN_ORDER = {
  nick: 100,
  occupantLimit: 200,
  focus: 400,
  breakout: 500,
  rights: 590,
  affiliation: 600,
  ban: 610,
  flip: 640,
  host: 650,
  lobby: 700,
  membersOnly: 800,
  password: 900,
  visitor: 950,
  conflict: 1000,
} as const;

export interface PresenceEvent {
  readonly room: Room;
  readonly occupant: Occupant;
  /** Payload children, to be changed in place; muc#user is added afterwards. */
  readonly children: XmlNode[];
  /** Whether this copy goes to the occupant itself. */
  readonly isSelf: boolean;
}

export interface OccupantEvent {
  readonly room: Room;
  readonly occupant: Occupant;
}

export interface OccupantJoinedEvent extends OccupantEvent {
  readonly attempt: JoinAttempt;
}

export interface OccupantLeftEvent extends OccupantEvent {
  readonly reason: 'left' | 'kicked' | 'banned' | 'destroyed' | 'disconnected';
  /** Who removed it; absent for the administrator of the server. */
  readonly actor?: Occupant;
  /** What was said when it was removed. */
  readonly text?: string;
}

export interface MessageEvent {
  readonly room: Room;
  readonly occupant: Occupant;
  readonly stanza: XmlElement;
  /** What will be relayed, sanitised; to be changed in place. */
  readonly children: XmlNode[];
  /** Of a groupchat message: who gets it; absent is everybody. */
  audience?: (viewer: Occupant) => boolean;
}

export interface PrivateMessageEvent extends MessageEvent {
  readonly target: Occupant;
}

/** `drop` discards without an answer. */
export type MessageVerdict = StanzaError | 'drop' | 'handled';

export interface OccupantIqEvent {
  readonly room: Room;
  readonly occupant: Occupant;
  readonly target: Occupant;
  readonly stanza: XmlElement;
}

export interface MembersOnlyEvent {
  readonly room: Room;
  /** Who changed it; undefined for the server and its administrator. */
  readonly occupant: Occupant | undefined;
  /** For those who wait, when the room opens. */
  readonly reason?: string;
}

/** Something a moderator did and that was carried out; kicks and bans are in `occupantLeft`. */
export interface ModerationEvent {
  readonly room: Room;
  /** Undefined for the administrator of the server. */
  readonly actor: Occupant | undefined;
  readonly action:
    | 'role'
    | 'affiliation'
    | 'password'
    | 'lobby'
    | 'admit'
    | 'av-moderation'
    | 'end';
  /** Occupant JID or bare real JID. */
  readonly target?: string;
  /** The new role or affiliation, `on`, `off` …; never a password. */
  readonly value?: string;
  readonly reason?: string;
}

export interface RefusedJoinEvent {
  readonly attempt: JoinAttempt;
  readonly error: StanzaError;
}

export interface RoomInfoEvent {
  readonly room: Room;
  readonly features: string[];
  readonly fields: DataForm['fields'][number][];
}

export interface OwnerFormEvent {
  readonly room: Room;
  readonly fields: DataForm['fields'][number][];
}

export interface OwnerSubmitEvent {
  readonly room: Room;
  readonly occupant: Occupant;
  /** Fields the form does not mention keep their value. */
  readonly form: DataForm;
  /** Run together when no module refused. */
  readonly changes: (() => void)[];
}

export interface VisibilityEvent {
  readonly room: Room;
  readonly occupant: Occupant;
  readonly viewer: Occupant;
}

export interface RoomIq {
  readonly room: Room;
  /** Absent when the sender is not in the room. */
  readonly occupant: Occupant | undefined;
  readonly stanza: XmlElement;
  readonly payload: XmlElement;
}

/** An element is the payload of the result. */
export type RoomIqAnswer = { readonly result: XmlElement | undefined } | StanzaError;

export class MucHooks {
  /** The room exists and is empty. */
  readonly roomCreated = new Hook<Room>();
  readonly roomEnded = new Hook<Room>();
  /** Somebody wants to enter a room that does not exist; the answer refuses. */
  readonly roomMissing = new Hook<JoinAttempt, StanzaError>();
  /** Gates; order in `JOIN_ORDER`. */
  readonly preJoin = new Hook<JoinEvent, JoinVerdict>();
  /** Whether somebody who would have to wait in the lobby may pass. */
  readonly lobbyBypass = new Hook<JoinEvent, boolean>();
  /** Somebody was not let in, for now or for good. */
  readonly joinRefused = new Hook<RefusedJoinEvent>();
  /** The occupant is in the room's map, nobody has been told yet. */
  readonly occupantAdmitted = new Hook<OccupantEvent>();
  /** The joiner has got the presence of the others, its own comes next. */
  readonly beforeSelfPresence = new Hook<OccupantEvent>();
  /** Everybody has been told; history and subject go out here. */
  readonly occupantJoined = new Hook<OccupantJoinedEvent>();
  readonly occupantUpdated = new Hook<OccupantEvent>();
  /** No longer in the room's map; everybody has been told. */
  readonly occupantLeft = new Hook<OccupantLeftEvent>();
  readonly buildOccupantPresence = new Hook<PresenceEvent>();
  /** Answer `false` hides an occupant's presence from a viewer. Costs on every broadcast. */
  readonly presenceVisible = new Hook<VisibilityEvent, boolean>();
  readonly preMessage = new Hook<MessageEvent, MessageVerdict>();
  readonly prePrivateMessage = new Hook<PrivateMessageEvent, MessageVerdict>();
  /** Messages to the bare room that are not groupchat. */
  readonly roomMessage = new Hook<MessageEvent, MessageVerdict>();
  /** Iq requests, results and errors between occupants. */
  readonly occupantIq = new Hook<OccupantIqEvent, StanzaError>();
  /** A moderator closed the room to others than members, or opened it. Without a handler it cannot be closed. */
  readonly membersOnlyChanged = new Hook<MembersOnlyEvent>();
  /** After the fact, for records; see `occupantLeft` for kicks and bans. */
  readonly moderated = new Hook<ModerationEvent>();
  readonly roomInfo = new Hook<RoomInfoEvent>();
  readonly ownerForm = new Hook<OwnerFormEvent>();
  readonly ownerSubmit = new Hook<OwnerSubmitEvent, StanzaError>();
  readonly #roomIqs = new Map<string, (iq: RoomIq) => RoomIqAnswer | undefined>();

  /** Answers iqs to bare rooms whose payload has this namespace; `undefined` means not understood. */
  onRoomIq(ns: string, handle: (iq: RoomIq) => RoomIqAnswer | undefined): void {
    this.#roomIqs.set(ns, handle);
  }

  answerRoomIq(iq: RoomIq): RoomIqAnswer | undefined {
    return this.#roomIqs.get(iq.payload.ns)?.(iq);
  }
}
