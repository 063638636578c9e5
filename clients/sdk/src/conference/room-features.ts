/** What a room offers beyond pictures, voices and chat: each part gets the messages and presences that are its own. */
import type { XmlElement } from '@conclave/protocols/xml';
import { AvModeration } from './av-moderation.ts';
import { BreakoutRooms } from './breakout-rooms.ts';
import { readJsonMessage } from './json-message.ts';
import { LobbyDesk } from './lobby-desk.ts';
import { Moderation } from './moderation.ts';
import type { RoomContext } from './room-context.ts';
import { RoomInfoReader } from './room-info.ts';
import { discoverServices, NO_SERVICES, type RoomServices } from './room-services.ts';

export class RoomFeatures {
  readonly roomInfo: RoomInfoReader;
  readonly moderation: Moderation;
  readonly avModeration: AvModeration;
  readonly lobbyDesk: LobbyDesk;
  readonly breakoutRooms: BreakoutRooms;
  readonly #context: RoomContext;
  #services: RoomServices = NO_SERVICES;

  constructor(context: RoomContext) {
    const services = () => this.#services;
    this.#context = context;
    this.roomInfo = new RoomInfoReader(context);
    this.moderation = new Moderation(context, () => this.roomInfo.info.get(), services);
    this.avModeration = new AvModeration(context, services);
    this.lobbyDesk = new LobbyDesk(context);
    this.breakoutRooms = new BreakoutRooms(context, services);
  }

  /** Before joining: what components say before their addresses are known would be lost. Never rejects. */
  async discover(domain: string): Promise<void> {
    if (this.#services === NO_SERVICES) {
      this.#services = await discoverServices(this.#context, domain);
    }
  }

  /** Whether we are a moderator in the room: moderators sit at the door while there is one. */
  setModerator(isModerator: boolean): void {
    this.lobbyDesk.setLobby(isModerator ? this.roomInfo.info.get().lobbyJid : undefined);
  }

  /** A presence from outside the room. */
  handlePresence(stanza: XmlElement): void {
    this.lobbyDesk.handlePresence(stanza);
  }

  /** A message from anywhere; those of the room are the chat's as well. */
  handleMessage(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (from === this.#context.roomJid) this.roomInfo.handleMessage(stanza);
    else if (from === this.#services.avModeration) {
      const json = readJsonMessage(stanza);
      if (json?.type === 'av_moderation') this.avModeration.handleNews(json);
    } else if (from === this.#services.breakoutRooms) {
      const json = readJsonMessage(stanza);
      if (json?.type === 'breakout_rooms') this.breakoutRooms.handleNews(json);
    } else this.lobbyDesk.handleMessage(stanza);
  }
}
