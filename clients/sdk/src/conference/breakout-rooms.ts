/**
 * Small rooms beside the main one (Jitsi's `breakout_rooms`): which there are and who is in them, as the component tells
 * everybody; moderators make and close them and send people there. Going there is up to the application.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, resourceOf } from '@conclave/protocols/xmpp';
import { Emitter } from '../emitter.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import { isObject, type JsonObject } from './json-message.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

export interface BreakoutPerson {
  /** Nickname, which is the same in all rooms. */
  readonly id: string;
  /** Real address, by which people are sent. */
  readonly jid: string;
  readonly displayName: string;
}

export interface BreakoutRoom {
  readonly jid: string;
  readonly name: string;
  readonly isMain: boolean;
  readonly people: readonly BreakoutPerson[];
}

type BreakoutEvents = {
  /** A moderator sends us to this room. */
  sent: [roomJid: string];
};

const MAX_ROOMS = 100;
const MAX_PEOPLE = 1_000;
const MAX_NAME_LENGTH = 200;
const TYPE = 'features/breakout-rooms';

export class BreakoutRooms {
  readonly #context: RoomContext;
  readonly #services: () => RoomServices;
  readonly #rooms = new Store<readonly BreakoutRoom[]>([]);
  readonly #events = new Emitter<BreakoutEvents>();

  constructor(context: RoomContext, services: () => RoomServices) {
    this.#context = context;
    this.#services = services;
  }

  readonly on: Emitter<BreakoutEvents>['on'] = (name, listener) => this.#events.on(name, listener);

  get isAvailable(): boolean {
    return this.#services().breakoutRooms !== undefined;
  }

  /** The main room first; empty until there is another one. */
  get rooms(): ReadonlyStore<readonly BreakoutRoom[]> {
    return this.#rooms;
  }

  add(name: string): void {
    this.#command({ type: `${TYPE}/add`, subject: name });
  }

  rename(roomJid: string, name: string): void {
    this.#command({ type: `${TYPE}/rename`, breakoutRoomJid: roomJid, subject: name });
  }

  /** Whoever is in it goes back to the main room. */
  remove(roomJid: string): void {
    this.#command({ type: `${TYPE}/remove`, breakoutRoomJid: roomJid });
  }

  /** @param personJid real address */
  send(personJid: string, roomJid: string): void {
    this.#command({ type: `${TYPE}/move-to-room`, participantJid: personJid, roomJid });
  }

  /** A message of type `breakout_rooms` from the component. */
  handleNews(json: JsonObject): void {
    if (json.event === `${TYPE}/move-to-room` && typeof json.roomJid === 'string') {
      this.#events.emit('sent', json.roomJid);
    } else if (json.event === `${TYPE}/update` && isObject(json.rooms)) {
      const rooms = Object.values(json.rooms).slice(0, MAX_ROOMS).flatMap(roomFromJson);
      rooms.sort((a, b) => Number(b.isMain) - Number(a.isMain));
      this.#rooms.set(rooms);
    }
  }

  #command(attributes: Readonly<Record<string, string>>): void {
    const to = this.#services().breakoutRooms;
    if (to === undefined) return;
    const command: XmlElement = xml('breakout_rooms', NS.client, attributes);
    this.#context.send(xml('message', NS.client, { to }, command));
  }
}

function roomFromJson(json: unknown): BreakoutRoom[] {
  if (!isObject(json) || typeof json.jid !== 'string') return [];
  const { jid, name, participants } = json;
  const people = Object.entries(isObject(participants) ? participants : {})
    .slice(0, MAX_PEOPLE)
    .flatMap(([occupantJid, person]): BreakoutPerson[] => {
      if (!isObject(person) || typeof person.jid !== 'string') return [];
      const displayName = typeof person.displayName === 'string' ? person.displayName : '';
      return [
        {
          id: resourceOf(occupantJid),
          jid: person.jid,
          displayName: displayName.slice(0, MAX_NAME_LENGTH),
        },
      ];
    });
  const isMain = json.isMainRoom === true;
  return [{ jid, name: String(name ?? '').slice(0, MAX_NAME_LENGTH), isMain, people }];
}
