/**
 * Moderated microphones, cameras and screens (Jitsi's `av_moderation`): while it is on for a medium, only moderators and
 * those they allow may unmute. The server enforces it; here is what it says.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, resourceOf } from '@conclave/protocols/xmpp';
import { Emitter } from '../emitter.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import { isObject, type JsonObject } from './json-message.ts';
import type { ModeratedMedium } from './moderation.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

export interface MediumModeration {
  readonly isOn: boolean;
  /** We were allowed to unmute; without meaning while it is off, or for moderators. */
  readonly isApproved: boolean;
  /** Ids of those who are allowed, as moderators are told. */
  readonly allowedIds: ReadonlySet<string>;
}

export type AvModerationState = Readonly<Record<ModeratedMedium, MediumModeration>>;

type AvModerationEvents = {
  /** We may unmute now, or (`isRequest`) a moderator asks us to. */
  approved: [medium: ModeratedMedium, isRequest: boolean];
  rejected: [medium: ModeratedMedium];
};

const MEDIA: readonly ModeratedMedium[] = ['audio', 'video', 'desktop'];
const OFF: MediumModeration = { isOn: false, isApproved: false, allowedIds: new Set() };

export class AvModeration {
  readonly #context: RoomContext;
  readonly #services: () => RoomServices;
  readonly #state = new Store<AvModerationState>({ audio: OFF, video: OFF, desktop: OFF });
  readonly #events = new Emitter<AvModerationEvents>();

  constructor(context: RoomContext, services: () => RoomServices) {
    this.#context = context;
    this.#services = services;
  }

  readonly on: Emitter<AvModerationEvents>['on'] = (name, listener) =>
    this.#events.on(name, listener);

  get state(): ReadonlyStore<AvModerationState> {
    return this.#state;
  }

  get isAvailable(): boolean {
    return this.#services().avModeration !== undefined;
  }

  setEnabled(medium: ModeratedMedium, enabled: boolean): void {
    this.#command({ enable: String(enabled), mediaType: medium });
  }

  /** Lets `id` unmute; while nothing is moderated it asks them to. */
  allow(id: string, medium: ModeratedMedium): void {
    this.#command({ jidToWhitelist: `${this.#context.roomJid}/${id}`, mediaType: medium });
  }

  disallow(id: string, medium: ModeratedMedium): void {
    this.#command({ jidToBlacklist: `${this.#context.roomJid}/${id}`, mediaType: medium });
  }

  /** A message of type `av_moderation` from the component. */
  handleNews(json: JsonObject): void {
    if (json.room !== undefined && json.room !== this.#context.roomJid) return;
    if (isObject(json.whitelists)) {
      this.#setLists(json.whitelists, json.mediaType);
      return;
    }
    const medium = MEDIA.find((known) => known === json.mediaType);
    if (medium === undefined) return;
    if (typeof json.enabled === 'boolean') {
      this.#patch(medium, { ...OFF, isOn: json.enabled });
    } else if (json.approved === true) {
      this.#patch(medium, { isApproved: true });
      this.#events.emit('approved', medium, json.from !== undefined);
    } else if (json.removed === true) {
      this.#patch(medium, { isApproved: false });
      this.#events.emit('rejected', medium);
    }
  }

  #command(attributes: Readonly<Record<string, string>>): void {
    const to = this.#services().avModeration;
    if (to === undefined) return;
    const command: XmlElement = xml('av_moderation', NS.client, attributes);
    this.#context.send(xml('message', NS.client, { to }, command));
  }

  /** A list that has become empty is left out of the message that is about its medium. */
  #setLists(lists: JsonObject, changed: unknown): void {
    for (const medium of MEDIA) {
      const jids = lists[medium];
      if (!Array.isArray(jids) && medium !== changed) continue;
      const ids = (Array.isArray(jids) ? jids : [])
        .filter((jid) => typeof jid === 'string')
        .map(resourceOf);
      this.#patch(medium, { allowedIds: new Set(ids) });
    }
  }

  #patch(medium: ModeratedMedium, change: Partial<MediumModeration>): void {
    this.#state.update((state) => ({ ...state, [medium]: { ...state[medium], ...change } }));
  }
}
