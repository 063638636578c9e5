/**
 * Moderated microphones, cameras and screens (COMPAT: Jitsi's `av_moderation`): while it is on for a
 * medium, only those on its list may unmute. The focus listens and enforces it at the bridge.
 */
import { isJsonObject } from '@conclave/base';
import { parseJid } from '@conclave/protocols/xmpp';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { type FeatureCommand, FeatureComponent, type FeatureContext } from './feature-component.ts';
import type { RoomMetadata } from './room-metadata.ts';

const MEDIA = ['audio', 'video', 'desktop'] as const;

type Medium = (typeof MEDIA)[number];

interface Moderation {
  /** Occupant JID of who switched it on. */
  readonly actor: string;
  /** Occupant JIDs of those who may unmute. */
  readonly allowed: Set<string>;
  /** What `startMuted` said of the medium before. */
  readonly startedMuted: unknown;
}

export class AvModeration {
  readonly #component: FeatureComponent;
  readonly #context: FeatureContext;
  readonly #metadata: RoomMetadata | undefined;
  /** By medium; rooms without moderation are absent. */
  readonly #active = new WeakMap<Room, Map<Medium, Moderation>>();

  constructor(context: FeatureContext, metadata: RoomMetadata | undefined) {
    this.#context = context;
    this.#metadata = metadata;
    this.#component = new FeatureComponent(context, {
      label: 'avmoderation',
      type: 'av_moderation',
      handle: (command) => this.#handle(command),
    });
    for (const { hooks } of context.conferences) {
      hooks.occupantJoined.add(500, ({ room, occupant }) => {
        for (const [medium, { actor }] of this.#active.get(room) ?? []) {
          occupant.recipient.deliver(this.#switched(room, medium, true, actor));
        }
        this.#admitModerator(occupant);
      });
      hooks.occupantUpdated.add(500, ({ occupant }) => this.#admitModerator(occupant));
      hooks.occupantLeft.add(500, ({ room, occupant }) => {
        for (const { allowed } of this.#active.get(room)?.values() ?? []) {
          allowed.delete(occupant.occupantJid);
        }
      });
    }
  }

  #handle({ occupant, element }: FeatureCommand): boolean {
    const medium = MEDIA.find((known) => known === element.attribute('mediaType'));
    if (element.name !== 'av_moderation' || medium === undefined || !occupant.isModerator) {
      return false;
    }
    const enable = element.attribute('enable');
    const approved = element.attribute('jidToWhitelist');
    const rejected = element.attribute('jidToBlacklist');
    if (enable === 'true') {
      return this.#enable(occupant, medium) && this.#record(occupant, `${medium} on`);
    }
    if (enable === 'false') {
      return this.#disable(occupant, medium) && this.#record(occupant, `${medium} off`);
    }
    if (approved !== undefined) {
      const isDone = this.#approve(occupant, approved, medium);
      return isDone && this.#record(occupant, `${medium} allowed`, approved);
    }
    if (rejected === undefined || !this.#reject(occupant.room, rejected, medium)) return false;
    return this.#record(occupant, `${medium} forbidden`, rejected);
  }

  #record(actor: Occupant, value: string, target?: string): true {
    const event = { room: actor.room, actor, action: 'av-moderation', value } as const;
    this.#context.rooms.hooks.moderated.run({ ...event, ...(target !== undefined && { target }) });
    return true;
  }

  #enable(actor: Occupant, medium: Medium): boolean {
    const { room, occupantJid } = actor;
    const active = this.#active.get(room) ?? new Map<Medium, Moderation>();
    if (active.has(medium)) return false;
    const allowed = new Set<string>();
    for (const other of room.occupants.values()) {
      if (other.isModerator && !this.#isService(other)) allowed.add(other.occupantJid);
    }
    const startedMuted = this.#setStartMuted(room, medium, true);
    active.set(medium, { actor: occupantJid, allowed, startedMuted });
    this.#active.set(room, active);
    // COMPAT: first that it is on, then the list.
    room.broadcastPrepared(this.#switched(room, medium, true, occupantJid));
    this.#announceList(room, medium, false);
    return true;
  }

  #disable({ room, occupantJid }: Occupant, medium: Medium): boolean {
    const moderation = this.#active.get(room)?.get(medium);
    if (moderation === undefined) return false;
    this.#active.get(room)?.delete(medium);
    this.#setStartMuted(room, medium, moderation.startedMuted);
    room.broadcastPrepared(this.#switched(room, medium, false, occupantJid));
    return true;
  }

  #approve(actor: Occupant, jid: string, medium: Medium): boolean {
    const { room } = actor;
    const target = this.#target(room, jid);
    if (target === undefined) return false;
    const approval = { type: 'av_moderation', room: room.jid.bare, approved: true };
    const moderation = this.#active.get(room)?.get(medium);
    if (moderation === undefined) {
      // Nothing is forbidden: a moderator asks somebody to unmute.
      const { occupantJid: from } = actor;
      target.recipient.deliver(this.#component.news({ ...approval, mediaType: medium, from }));
      return true;
    }
    if (moderation.allowed.has(target.occupantJid)) return false;
    moderation.allowed.add(target.occupantJid);
    this.#announceList(room, medium, false);
    target.recipient.deliver(this.#component.news({ ...approval, mediaType: medium }));
    return true;
  }

  #reject(room: Room, jid: string, medium: Medium): boolean {
    const target = this.#target(room, jid);
    const moderation = this.#active.get(room)?.get(medium);
    if (target === undefined || moderation?.allowed.delete(target.occupantJid) !== true) {
      return false;
    }
    this.#announceList(room, medium, true);
    const rejection = { type: 'av_moderation', room: room.jid.bare, removed: true };
    target.recipient.deliver(this.#component.news({ ...rejection, mediaType: medium }));
    return true;
  }

  /** Moderators may always unmute, and see the lists. */
  #admitModerator(occupant: Occupant): undefined {
    const { room, occupantJid } = occupant;
    if (!occupant.isModerator || this.#isService(occupant)) return;
    for (const [medium, { allowed }] of this.#active.get(room) ?? []) {
      if (allowed.has(occupantJid)) continue;
      allowed.add(occupantJid);
      this.#announceList(room, medium, false);
    }
  }

  #announceList(room: Room, medium: Medium, removed: boolean): void {
    const whitelists: Partial<Record<Medium, string[]>> = {};
    for (const [other, { allowed }] of this.#active.get(room) ?? []) {
      if (allowed.size > 0) whitelists[other] = [...allowed];
    }
    const news = this.#component.news({
      type: 'av_moderation',
      room: room.jid.bare,
      whitelists,
      mediaType: medium,
      ...(removed && { removed }),
    });
    room.broadcastPrepared(news, (occupant) => occupant.isModerator);
  }

  #switched(room: Room, mediaType: Medium, enabled: boolean, actor: string) {
    const json = { type: 'av_moderation', room: room.jid.bare, enabled, actor, mediaType };
    return this.#component.news(json);
  }

  #target(room: Room, jid: string): Occupant | undefined {
    const parsed = parseJid(jid);
    const target = parsed?.bare === room.jid.bare ? room.occupants.get(parsed.resource) : undefined;
    return target === undefined || this.#isService(target) ? undefined : target;
  }

  #isService(occupant: Occupant): boolean {
    return this.#context.rooms.isOwnerDomain(occupant.realJid.domain);
  }

  /** Returns what was set before. */
  #setStartMuted(room: Room, medium: Medium, value: unknown): unknown {
    const startMuted = this.#metadata?.get(room, 'startMuted');
    const known = isJsonObject(startMuted) ? startMuted : {};
    // Without a value the member is left out of the JSON.
    this.#metadata?.set(room, 'startMuted', { ...known, [medium]: value });
    return known[medium];
  }
}
