/** What the room knows of us: put together from devices and wishes, sent only when it says something new. */
import type { XmlElement } from '@conclave/protocols/xml';
import type { LocalMedia } from '../media/local-media.ts';
import type { LocalScreen } from '../media/local-screen.ts';
import { joinPresence, type OwnPresence, presenceUpdate } from './own-presence.ts';
import type { RoomContext } from './room-context.ts';

export class PublishedPresence {
  readonly #context: RoomContext;
  readonly #localMedia: LocalMedia;
  readonly #screen: LocalScreen;
  readonly #videoCodecs: readonly string[];
  #caps: XmlElement | undefined;
  #published = '';
  #hasShared = false;
  displayName: string;
  /** Unix time in ms since when, 0 for a hand that is down. */
  handRaisedMs = 0;

  constructor(
    context: RoomContext,
    localMedia: LocalMedia,
    screen: LocalScreen,
    options: { readonly displayName: string; readonly videoCodecs: readonly string[] },
  ) {
    this.#context = context;
    this.#localMedia = localMedia;
    this.#screen = screen;
    this.displayName = options.displayName;
    this.#videoCodecs = options.videoCodecs;
  }

  get own(): OwnPresence {
    const { audio, video } = this.#localMedia;
    const isSharing = this.#screen.track.get() !== undefined;
    this.#hasShared ||= isSharing;
    return {
      endpointId: this.#context.ownId,
      displayName: this.displayName,
      audioMuted: audio.get().muted,
      videoMuted: video.get().muted || video.get().track === undefined,
      sharesScreen: this.#hasShared ? isSharing : undefined,
      handRaisedMs: this.handRaisedMs,
      videoCodecs: this.#videoCodecs,
    };
  }

  /** The first presence. @param caps our entity capabilities, which every later one repeats */
  sendJoin(caps: XmlElement, password: string | undefined): void {
    const { own } = this;
    this.#caps = caps;
    this.#published = JSON.stringify(own);
    this.#context.send(joinPresence(this.#ownJid, own, caps, password));
  }

  sendUpdate(): void {
    const { own } = this;
    const text = JSON.stringify(own);
    if (this.#caps === undefined || text === this.#published) return;
    this.#published = text;
    this.#context.send(presenceUpdate(this.#ownJid, own, this.#caps));
  }

  get #ownJid(): string {
    return `${this.#context.roomJid}/${this.#context.ownId}`;
  }
}
