/**
 * A moderator silences us: the focus says so, and the bridge no longer forwards us until we tell the focus that we
 * unmuted (Jitsi's `mute`).
 */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS, resourceOf } from '@conclave/protocols/xmpp';
import type { LocalKind, LocalMedia } from '../media/local-media.ts';
import type { LocalScreen } from '../media/local-screen.ts';
import { type ModeratedMedium, muteRequest } from './moderation.ts';
import { FOCUS_NICK, type RoomContext } from './room-context.ts';

const MEDIA: Readonly<Record<string, ModeratedMedium>> = {
  [NS.jitmeetAudio]: 'audio',
  [NS.jitmeetVideo]: 'video',
  [NS.jitmeetDesktop]: 'desktop',
};

export class ModeratorMutes {
  readonly #context: RoomContext;
  readonly #localMedia: LocalMedia;
  readonly #screen: LocalScreen;
  /** Media that the bridge holds back. */
  readonly #held = new Set<LocalKind>();

  constructor(context: RoomContext, localMedia: LocalMedia, screen: LocalScreen) {
    this.#context = context;
    this.#localMedia = localMedia;
    this.#screen = screen;
  }

  /** What was muted by whom (id, or empty); undefined when `payload` is no mute of ours. */
  handleRequest(
    payload: XmlElement,
  ): { readonly medium: ModeratedMedium; readonly byId: string } | undefined {
    const medium = Object.hasOwn(MEDIA, payload.ns) ? MEDIA[payload.ns] : undefined;
    if (payload.name !== 'mute' || medium === undefined || payload.text !== 'true') {
      return undefined;
    }
    if (medium === 'desktop') this.#screen.stop();
    else {
      this.#held.add(medium);
      void this.#localMedia.setMuted(medium, true);
    }
    return { medium, byId: resourceOf(payload.attribute('actor') ?? '') };
  }

  /** We look on: nothing of ours is to be sent, and no light to be on. */
  silenceAll(): void {
    this.#screen.stop();
    for (const kind of ['audio', 'video'] as const) void this.#localMedia.setMuted(kind, true);
  }

  /** Our own devices have changed. */
  handleLocalChange(): void {
    for (const kind of [...this.#held]) {
      if (this.#localMedia[kind].get().muted) continue;
      this.#held.delete(kind);
      const focus = `${this.#context.roomJid}/${FOCUS_NICK}`;
      const unmute = muteRequest(this.#context, this.#context.ownId, kind, false);
      this.#context.request('set', focus, unmute).catch(() => {
        // Moderated: a moderator must allow it first, and then the bridge lets us through.
        void this.#localMedia.setMuted(kind, true);
      });
    }
  }
}
