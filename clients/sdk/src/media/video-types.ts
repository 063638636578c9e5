/** Tells the bridge what our pictures are: it treats a screen with more care than a camera, and reserves nothing for what is not there. */
import type { ClientMessage } from '@conclave/protocols/bridge-channel';
import type { LocalMedia } from './local-media.ts';
import type { LocalScreen } from './local-screen.ts';
import { screenSourceName } from './screen-sender.ts';

export class VideoTypes {
  readonly #local: { readonly localMedia: LocalMedia; readonly screen: LocalScreen };
  readonly #endpointId: string;
  /** Says a message, and again on every new channel, until one with the same key replaces it. */
  readonly #say: (key: string, message: ClientMessage) => void;
  #hasShared = false;

  constructor(
    local: { readonly localMedia: LocalMedia; readonly screen: LocalScreen },
    endpointId: string,
    say: (key: string, message: ClientMessage) => void,
  ) {
    this.#local = local;
    this.#endpointId = endpointId;
    this.#say = say;
  }

  /** Call whenever camera or screen changed, and for a new session. */
  tell(): void {
    const { localMedia, screen } = this.#local;
    const { track, muted } = localMedia.video.get();
    this.#tell(`${this.#endpointId}-v0`, muted || track === undefined ? 'none' : 'camera');
    const isSharing = screen.track.get() !== undefined;
    // Who never shared has no such source.
    if (!isSharing && !this.#hasShared) return;
    this.#hasShared = true;
    this.#tell(screenSourceName(this.#endpointId), isSharing ? 'desktop' : 'none');
  }

  #tell(sourceName: string, videoType: 'none' | 'camera' | 'desktop'): void {
    this.#say(`videoType-${sourceName}`, {
      colibriClass: 'SourceVideoTypeMessage',
      sourceName,
      videoType,
    });
  }
}
