/** Which media need a moderator's permission, and who has it, as the moderation component announces it. */
import { isJsonObject } from '@conclave/base';
import type { Participant } from './participant.ts';

export type MuteMedia = 'audio' | 'video' | 'desktop';

export type ModerationNews =
  | {
      readonly type: 'enabled';
      readonly media: MuteMedia;
      /** Occupant JID. */
      readonly actor: string;
    }
  | { readonly type: 'disabled'; readonly media: MuteMedia }
  | { readonly type: 'whitelist'; readonly lists: ReadonlyMap<MuteMedia, ReadonlySet<string>> };

const MEDIA: readonly MuteMedia[] = ['audio', 'video', 'desktop'];

export class AvModeration {
  readonly #enabled = new Set<MuteMedia>();
  /** Occupant JIDs. */
  readonly #allowed = new Map<MuteMedia, ReadonlySet<string>>();

  mayUnmute(participant: Participant, media: MuteMedia): boolean {
    if (participant.role === 'visitor') return false;
    if (!this.#enabled.has(media) || participant.isModerator) return true;
    return this.#allowed.get(media)?.has(participant.occupantJid) ?? false;
  }

  apply(news: ModerationNews): void {
    switch (news.type) {
      case 'enabled':
        this.#enabled.add(news.media);
        return;
      case 'disabled':
        this.#enabled.delete(news.media);
        this.#allowed.delete(news.media);
        return;
      case 'whitelist':
        for (const [media, jids] of news.lists) this.#allowed.set(media, jids);
        return;
      default:
        news satisfies never;
    }
  }
}

/** Reads the JSON of an `av_moderation` message; undefined when it is none, or makes no sense. */
export function moderationNewsFromJson(text: string): ModerationNews | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || json.type !== 'av_moderation') return undefined;
  const media = MEDIA.find((known) => known === json.mediaType);
  if (isJsonObject(json.whitelists)) {
    const lists = new Map<MuteMedia, ReadonlySet<string>>();
    for (const known of MEDIA) {
      const jids = json.whitelists[known];
      if (Array.isArray(jids)) lists.set(known, new Set(jids.filter((j) => typeof j === 'string')));
      // Empty lists are left out of the message.
      else if (known === media) lists.set(known, new Set());
    }
    return { type: 'whitelist', lists };
  }
  if (media === undefined) return undefined;
  if (json.enabled === true) {
    return { type: 'enabled', media, actor: typeof json.actor === 'string' ? json.actor : '' };
  }
  return json.enabled === false ? { type: 'disabled', media } : undefined;
}

/** Which room (a bare JID) the news are about; empty when they do not say. */
export function roomOfNews(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && 'room' in json) {
      return typeof json.room === 'string' ? json.room : '';
    }
  } catch {
    // Not JSON: no room.
  }
  return '';
}
