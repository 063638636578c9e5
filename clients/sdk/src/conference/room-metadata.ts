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

  /** For moderators. */
  setPermission(name: keyof RoomPermissions, restricted: boolean): void {
    const to = this.#services().metadata;
    if (to === undefined) return;
    const data = { ...this.#said, [name]: restricted };
    const json = JSON.stringify({ type: 'room_metadata', key: 'permissions', data });
    const command = xml('room_metadata', NS.jitmeet, { room: this.#context.roomJid }, json);
    this.#context.send(xml('message', NS.client, { to }, command));
  }

  /** A message of type `room_metadata` from the component: always all of it. */
  handleNews({ metadata }: JsonObject): void {
    if (!isObject(metadata)) return;
    this.#said = isObject(metadata.permissions) ? metadata.permissions : {};
    this.#permissions.set({
      groupChatRestricted: this.#said.groupChatRestricted === true,
      pollCreationRestricted: this.#said.pollCreationRestricted === true,
    });
  }
}
