/**
 * What everybody in a room shares as small JSON values (Jitsi's `room_metadata`); read here are the permissions that
 * moderators can keep to themselves. The server enforces them.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import { isObject, type JsonObject } from './json-message.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

/** How those who come from now on begin. */
export interface StartMuted {
  readonly audio: boolean;
  readonly video: boolean;
}

export interface RoomPermissions {
  /** Only moderators write to everybody. */
  readonly groupChatRestricted: boolean;
  /** Only moderators ask questions. */
  readonly pollCreationRestricted: boolean;
}

const NONE: RoomPermissions = { groupChatRestricted: false, pollCreationRestricted: false };

export class RoomMetadata {
  readonly #context: RoomContext;
  readonly #services: () => RoomServices;
  readonly #permissions = new Store<RoomPermissions>(NONE);
  readonly #startMuted = new Store<StartMuted>({ audio: false, video: false });
  /** As the room has them: other clients may keep more under this key than we know. */
  #said: JsonObject = {};

  constructor(context: RoomContext, services: () => RoomServices) {
    this.#context = context;
    this.#services = services;
  }

  get isAvailable(): boolean {
    return this.#services().metadata !== undefined;
  }

  get permissions(): ReadonlyStore<RoomPermissions> {
    return this.#permissions;
  }

  get startMuted(): ReadonlyStore<StartMuted> {
    return this.#startMuted;
  }

  /** For moderators. */
  setPermission(name: keyof RoomPermissions, restricted: boolean): void {
    this.#set('permissions', { ...this.#said, [name]: restricted });
  }

  /** For moderators. */
  setStartMuted(kind: keyof StartMuted, muted: boolean): void {
    this.#set('startMuted', { ...this.#startMuted.get(), [kind]: muted });
  }

  /** A message of type `room_metadata` from the component: always all of it. */
  handleNews({ metadata }: JsonObject): void {
    if (!isObject(metadata)) return;
    this.#said = isObject(metadata.permissions) ? metadata.permissions : {};
    this.#permissions.set({
      groupChatRestricted: this.#said.groupChatRestricted === true,
      pollCreationRestricted: this.#said.pollCreationRestricted === true,
    });
    const { audio, video } = isObject(metadata.startMuted) ? metadata.startMuted : {};
    this.#startMuted.set({ audio: audio === true, video: video === true });
  }

  #set(key: string, data: JsonObject): void {
    const to = this.#services().metadata;
    if (to === undefined) return;
    const json = JSON.stringify({ type: 'room_metadata', key, data });
    const command = xml('room_metadata', NS.jitmeet, { room: this.#context.roomJid }, json);
    this.#context.send(xml('message', NS.client, { to }, command));
  }
}
