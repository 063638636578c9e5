/**
 * Room metadata (COMPAT: Jitsi's `room_metadata`): small JSON values by key that everybody in a room
 * shares. Moderators write some; features of the server write others.
 */
import { isJsonObject, parseJsonObject } from '@conclave/base';
import { NS } from '@conclave/protocols/xmpp';
import type { ExternalService } from '../../options.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { FeatureComponent, type FeatureContext } from './feature-component.ts';
import { isPermitted, type Permission } from './permissions.ts';

/** Keys that only the server sets. */
const SERVER_KEYS: ReadonlySet<string> = new Set([
  'allownersEnabled',
  'asyncTranscription',
  'audioTranslationAvailable',
  'audioTranslationRequests',
  'conferencePresetsServiceEnabled',
  'dialinEnabled',
  'lobbyEnabled',
  'moderators',
  'participants',
  'participantsSoftLimit',
  'services',
  'transcriberType',
  'transcription',
  'visitorsEnabled',
]);
const KEY = /^[A-Za-z][\w.-]{0,63}$/;
const MAX_KEYS = 64;
/** Characters of all values of a room. */
const MAX_LENGTH = 32_768;

export class RoomMetadata {
  readonly #context: FeatureContext;
  readonly #component: FeatureComponent;
  /** Values as JSON text, by key; rooms without any are absent. */
  readonly #values = new WeakMap<Room, Map<string, string>>();
  /** What the presence of a moderator said last; it is repeated with every presence. */
  readonly #startMuted = new WeakMap<Occupant, string>();

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#component = new FeatureComponent(context, {
      label: 'metadata',
      type: 'room_metadata',
      handle: ({ occupant, element }) =>
        element.name === 'room_metadata' &&
        element.ns === NS.jitmeet &&
        this.#handleWrite(occupant, element.text),
    });
    for (const { hooks } of context.conferences) {
      hooks.beforeSelfPresence.add(100, ({ room, occupant }) => {
        const { recipient } = occupant;
        const services = recipient.isComponent ? [] : this.#services();
        if (this.#values.has(room) || services.length > 0) {
          recipient.deliver(this.#news(room, services));
        }
        return undefined;
      });
      hooks.occupantJoined.add(100, ({ occupant }) => this.#takeStartMuted(occupant));
      hooks.occupantUpdated.add(100, ({ occupant }) => this.#takeStartMuted(occupant));
      hooks.preMessage.add(300, ({ room, occupant, stanza }) =>
        stanza.child('body') !== undefined &&
        !isPermitted(occupant, 'send-groupchat') &&
        this.#permission(room, 'groupChatRestricted')
          ? { condition: 'not-allowed', text: 'Sending group messages not allowed' }
          : undefined,
      );
    }
  }

  /** Parsed; `undefined` when there is none. */
  get(room: Room, key: string): unknown {
    const text = this.#values.get(room)?.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Sets or, with `undefined`, takes away; tells everybody when that is a change. False when full. */
  set(room: Room, key: string, value: unknown): boolean {
    const values = this.#values.get(room) ?? new Map<string, string>();
    const text = value === undefined ? undefined : JSON.stringify(value);
    if (values.get(key) === text) return true;
    if (text === undefined) values.delete(key);
    else {
      let length = text.length;
      for (const [name, other] of values) if (name !== key) length += other.length;
      if (length > MAX_LENGTH || (values.size >= MAX_KEYS && !values.has(key))) return false;
      values.set(key, text);
    }
    this.#values.set(room, values);
    room.broadcastPrepared(this.#news(room));
    return true;
  }

  /** Whether moderators reserved polls for themselves. */
  isPollCreationRestricted(room: Room): boolean {
    return this.#permission(room, 'pollCreationRestricted');
  }

  #permission(room: Room, name: string): boolean {
    const permissions = this.get(room, 'permissions');
    return isJsonObject(permissions) && permissions[name] === true;
  }

  #handleWrite(occupant: Occupant, text: string): boolean {
    if (text.length > MAX_LENGTH) return false;
    const message = parseJsonObject(text);
    if (message === undefined || message.type !== 'room_metadata') return false;
    const { key } = message;
    if (typeof key !== 'string' || !KEY.test(key) || SERVER_KEYS.has(key)) return false;
    const data = message.data ?? undefined;
    if (!mayWrite(occupant, key, data)) return false;
    return this.set(occupant.room, key, this.#cleaned(occupant, key, data));
  }

  #cleaned({ room, isModerator }: Occupant, key: string, data: unknown): unknown {
    if (!isJsonObject(data)) return data;
    // Of this one only the switch is for everybody.
    if (key === 'audioTranslation') return { enabled: data.enabled === true };
    if (key !== 'recording' || isModerator) return data;
    const before = this.get(room, key);
    return { ...(isJsonObject(before) ? before : {}), ...data };
  }

  /** COMPAT: clients before metadata say in a moderator's presence how others are to start. */
  #takeStartMuted(occupant: Occupant): undefined {
    if (!occupant.isModerator) return;
    for (const child of occupant.payload) {
      if (typeof child === 'string' || child.name !== 'startmuted') continue;
      if (child.ns !== NS.jitmeetStartMuted) continue;
      const said = child.toString();
      if (this.#startMuted.get(occupant) === said) return;
      this.#startMuted.set(occupant, said);
      const { room } = occupant;
      const audio = child.attribute('audio') === 'true';
      const video = child.attribute('video') === 'true';
      const before = this.get(room, 'startMuted');
      if (before === undefined && !audio && !video) return;
      this.set(room, 'startMuted', { ...(isJsonObject(before) ? before : {}), audio, video });
      return;
    }
  }

  /** COMPAT: clients that were told before they asked look for TURN servers here. */
  #services(): readonly ExternalService[] {
    const { greetsClients, externalServices } = this.#context.core.options;
    return greetsClients ? externalServices() : [];
  }

  #news(room: Room, services: readonly ExternalService[] = []) {
    const metadata: Record<string, unknown> = {};
    if (services.length > 0) metadata.services = services.map(serviceToJson);
    for (const [key, text] of this.#values.get(room) ?? []) metadata[key] = JSON.parse(text);
    return this.#component.news({ type: 'room_metadata', metadata }, { room: room.jid.bare });
  }
}

/** What of `recording` may be written without leading the room, and with which permission. */
const RECORDING_MEMBERS: ReadonlyMap<string, Permission> = new Map([
  ['isTranscribingEnabled', 'transcription'],
  ['isRecordingRequested', 'recording'],
]);

/** Moderators write; but some keys ask a service for something, and then the permission for that counts. */
function mayWrite(occupant: Occupant, key: string, data: unknown): boolean {
  if (key === 'recording' && isJsonObject(data)) {
    return Object.keys(data).every((member) => {
      const permission = RECORDING_MEMBERS.get(member);
      return permission === undefined ? occupant.isModerator : isPermitted(occupant, permission);
    });
  }
  if (!occupant.isModerator) return false;
  return key !== 'audioTranslation' || isPermitted(occupant, 'live-translation');
}

/** As in XEP-0215, where numbers are texts as well. */
function serviceToJson({ port, username, ...service }: ExternalService): unknown {
  const isRestricted = username !== undefined;
  return { ...service, port: String(port), ...(isRestricted && { username, restricted: '1' }) };
}
