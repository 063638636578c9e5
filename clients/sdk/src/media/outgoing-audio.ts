/**
 * What others hear of us: the microphone, and mixed into it the sound of the screen that we share. One track for both:
 * Jitsi's clients know one voice of each person. While nothing is shared it is the microphone's own track.
 */
import { type ReadonlyStore, Store } from '../store.ts';
import type { LocalMedia } from './local-media.ts';
import type { LocalScreen } from './local-screen.ts';

export interface AudioMix {
  readonly track: MediaStreamTrack;
  close(): void;
}

/** Plays several tracks into one; a track that is disabled is silent in it. */
export type MixAudio = (tracks: readonly MediaStreamTrack[]) => AudioMix;

export class OutgoingAudio {
  readonly #localMedia: Pick<LocalMedia, 'audio'>;
  readonly #screen: Pick<LocalScreen, 'sound'>;
  readonly #mixAudio: MixAudio;
  readonly #track = new Store<MediaStreamTrack | undefined>(undefined);
  readonly #unsubscribe: readonly (() => void)[];
  #mix: AudioMix | undefined;
  #mixed: readonly MediaStreamTrack[] = [];

  constructor(
    localMedia: Pick<LocalMedia, 'audio'>,
    screen: Pick<LocalScreen, 'sound'>,
    mixAudio: MixAudio,
  ) {
    this.#localMedia = localMedia;
    this.#screen = screen;
    this.#mixAudio = mixAudio;
    this.#unsubscribe = [
      localMedia.audio.subscribe(() => this.#update()),
      screen.sound.subscribe(() => this.#update()),
    ];
    this.#update();
  }

  get track(): ReadonlyStore<MediaStreamTrack | undefined> {
    return this.#track;
  }

  /** Idempotent. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#endMix();
  }

  #update(): void {
    const microphone = this.#localMedia.audio.get().track;
    const sound = this.#screen.sound.get();
    if (sound === undefined) {
      this.#track.set(microphone);
      this.#endMix();
      return;
    }
    const tracks = microphone === undefined ? [sound] : [microphone, sound];
    // Muting is the microphone's own affair and needs no other mix.
    if (tracks.length === this.#mixed.length && tracks.every((t, i) => t === this.#mixed[i])) {
      return;
    }
    const before = this.#mix;
    this.#mix = this.#mixAudio(tracks);
    this.#mixed = tracks;
    this.#track.set(this.#mix.track);
    before?.close();
  }

  #endMix(): void {
    this.#mix?.close();
    this.#mix = undefined;
    this.#mixed = [];
  }
}
