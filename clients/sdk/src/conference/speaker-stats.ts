/**
 * Who spoke for how long (Jitsi's `speakerstats`): counted here from what the bridge says of the dominant speaker, begun
 * with what the server counted before we came. Whoever becomes dominant tells the server, for those who come later.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { isObject, type JsonObject } from './json-message.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

export interface SpeakerTime {
  readonly id: string;
  /** Of those who left; undefined for those who are here. */
  readonly nameOfGone: string | undefined;
  readonly spokenMs: number;
}

const MAX_PEOPLE = 2_000;
const MAX_NAME_LENGTH = 200;

interface Speaker {
  nameOfGone: string | undefined;
  spokenMs: number;
}

export class SpeakerStats {
  readonly #context: RoomContext;
  readonly #services: () => RoomServices;
  readonly #nowMs: () => number;
  readonly #speakers = new Map<string, Speaker>();
  #dominantId: string | undefined;
  /** Undefined while the dominant speaker is silent. */
  #sinceMs: number | undefined;

  /** @param nowMs of a clock that only goes forward */
  constructor(context: RoomContext, services: () => RoomServices, nowMs: () => number) {
    this.#context = context;
    this.#services = services;
    this.#nowMs = nowMs;
  }

  /** What the bridge says. */
  handleDominant(id: string, isSilent: boolean): void {
    this.#settle();
    this.#dominantId = id;
    this.#sinceMs = isSilent ? undefined : this.#nowMs();
    if (id === this.#context.ownId) this.#report(isSilent);
  }

  handleLeft(id: string, name: string): void {
    if (this.#dominantId === id) {
      this.#settle();
      this.#sinceMs = undefined;
    }
    const speaker = this.#speakers.get(id);
    if (speaker !== undefined) speaker.nameOfGone = name;
  }

  /** A message of type `speakerstats` from the component: what was before we came. */
  handleNews({ users }: JsonObject): void {
    if (!isObject(users)) return;
    for (const [id, user] of Object.entries(users)) {
      if (!isObject(user)) continue;
      const { totalDominantSpeakerTime: spokenMs, displayName } = user;
      if (typeof spokenMs !== 'number' || !(spokenMs > 0)) continue;
      const speaker = this.#speaker(id);
      if (speaker === undefined) return;
      speaker.spokenMs = Math.max(speaker.spokenMs, spokenMs);
      if (typeof displayName === 'string') {
        speaker.nameOfGone = displayName.trim().slice(0, MAX_NAME_LENGTH);
      }
    }
  }

  /** Who spoke at all, longest first. */
  times(): SpeakerTime[] {
    this.#settle();
    return [...this.#speakers]
      .map(([id, speaker]) => ({ id, ...speaker }))
      .sort((a, b) => b.spokenMs - a.spokenMs);
  }

  #settle(): void {
    if (this.#dominantId === undefined || this.#sinceMs === undefined) return;
    const nowMs = this.#nowMs();
    const speaker = this.#speaker(this.#dominantId);
    if (speaker !== undefined) speaker.spokenMs += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }

  #speaker(id: string): Speaker | undefined {
    const known = this.#speakers.get(id);
    if (known !== undefined) return known;
    if (this.#speakers.size >= MAX_PEOPLE) return undefined;
    const speaker: Speaker = { nameOfGone: undefined, spokenMs: 0 };
    this.#speakers.set(id, speaker);
    return speaker;
  }

  #report(isSilent: boolean): void {
    const to = this.#services().speakerStats;
    if (to === undefined) return;
    const attributes = { room: this.#context.roomJid, silence: String(isSilent) };
    const report = xml('speakerstats', NS.jitmeet, attributes);
    this.#context.send(xml('message', NS.client, { to }, report));
  }
}
