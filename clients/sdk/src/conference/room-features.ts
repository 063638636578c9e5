/** What a room offers beyond pictures, voices and chat: each part gets the messages and presences that are its own. */
import type { XmlElement } from '@conclave/protocols/xml';
import { requestErrorFrom } from '../xmpp/request-error.ts';
import { AvModeration } from './av-moderation.ts';
import { BreakoutRooms } from './breakout-rooms.ts';
import { type JsonObject, readJsonMessage } from './json-message.ts';
import { LobbyDesk } from './lobby-desk.ts';
import { Moderation } from './moderation.ts';
import { Polls, type PollsContext } from './polls.ts';
import type { RoomContext } from './room-context.ts';
import { RoomInfoReader } from './room-info.ts';
import { RoomMetadata } from './room-metadata.ts';
import { discoverServices, NO_SERVICES, type RoomServices } from './room-services.ts';
import { SpeakerStats } from './speaker-stats.ts';
import { Visitors } from './visitors.ts';

export interface RoomPeople extends Pick<PollsContext, 'newId' | 'nameOf'> {
  nowMs(): number;
}

export class RoomFeatures {
  readonly roomInfo: RoomInfoReader;
  readonly moderation: Moderation;
  readonly avModeration: AvModeration;
  readonly lobbyDesk: LobbyDesk;
  readonly breakoutRooms: BreakoutRooms;
  readonly metadata: RoomMetadata;
  readonly polls: Polls;
  readonly visitors: Visitors;
  readonly speakerStats: SpeakerStats;
  readonly #context: RoomContext;
  #services: RoomServices = NO_SERVICES;

  constructor(context: RoomContext, people: RoomPeople) {
    const services = () => this.#services;
    this.#context = context;
    this.roomInfo = new RoomInfoReader(context);
    this.moderation = new Moderation(context, () => this.roomInfo.info.get(), services);
    this.avModeration = new AvModeration(context, services);
    this.lobbyDesk = new LobbyDesk(context);
    this.breakoutRooms = new BreakoutRooms(context, services);
    this.metadata = new RoomMetadata(context, services);
    this.polls = new Polls({ ...people, send: context.send, ownId: context.ownId }, services);
    this.visitors = new Visitors(context, services);
    this.speakerStats = new SpeakerStats(context, services, people.nowMs);
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
    else if (!this.#handleNews(from, stanza)) this.lobbyDesk.handleMessage(stanza);
  }

  /** What components say; each believes only its own address. */
  #handleNews(from: string, stanza: XmlElement): boolean {
    const services = this.#services;
    const parts: readonly [string | undefined, string, (json: JsonObject) => void][] = [
      [services.avModeration, 'av_moderation', (json) => this.avModeration.handleNews(json)],
      [services.breakoutRooms, 'breakout_rooms', (json) => this.breakoutRooms.handleNews(json)],
      [services.metadata, 'room_metadata', (json) => this.metadata.handleNews(json)],
      [services.visitors, 'visitors', (json) => this.visitors.handleNews(json)],
      [services.speakerStats, 'speakerstats', (json) => this.speakerStats.handleNews(json)],
      [services.polls, 'polls', (json) => this.polls.handleNews(json)],
    ];
    const part = parts.find(([address]) => address === from);
    if (part === undefined) return false;
    const [address, type, handle] = part;
    if (stanza.attribute('type') === 'error') {
      if (address === services.polls) this.polls.handleRefusal(requestErrorFrom(stanza).text ?? '');
      return true;
    }
    const json = readJsonMessage(stanza);
    if (json?.type === type) handle(json);
    return true;
  }
}
