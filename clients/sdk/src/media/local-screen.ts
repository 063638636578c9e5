/** The screen, window or tab that we share, with its sound where the browser offers it: at most one, chosen by the person in the browser's own dialogue. */
import { type ReadonlyStore, Store } from '../store.ts';

/** The part of `navigator.mediaDevices` that is used; phones have no `getDisplayMedia`. */
export type DisplayMediaLike = Pick<MediaDevices, 'getDisplayMedia'> &
  Partial<Pick<MediaDevices, 'getSupportedConstraints'>>;

export type ShareOutcome = 'shared' | 'cancelled' | 'failed';

export class LocalScreen {
  readonly #devices: DisplayMediaLike | undefined;
  readonly #track = new Store<MediaStreamTrack | undefined>(undefined);
  readonly #sound = new Store<MediaStreamTrack | undefined>(undefined);
  #asking = false;
  #closed = false;

  constructor(devices: DisplayMediaLike | undefined) {
    this.#devices = typeof devices?.getDisplayMedia === 'function' ? devices : undefined;
  }

  get isAvailable(): boolean {
    return this.#devices !== undefined;
  }

  /**
   * False in browsers that share pictures alone (Firefox, Safari). No browser says so itself; those that take the sound know
   * what to do with it here (W3C Screen Capture §5.4).
   */
  get canShareSound(): boolean {
    const known: object | undefined = this.#devices?.getSupportedConstraints?.();
    return known !== undefined && 'suppressLocalAudioPlayback' in known;
  }

  /** Undefined while nothing is shared. */
  get track(): ReadonlyStore<MediaStreamTrack | undefined> {
    return this.#track;
  }

  /** Undefined while nothing is shared, or only a picture. */
  get sound(): ReadonlyStore<MediaStreamTrack | undefined> {
    return this.#sound;
  }

  /** Must be called while handling a click. Never rejects. */
  async share(): Promise<ShareOutcome> {
    if (this.#track.get() !== undefined) return 'shared';
    if (this.#devices === undefined || this.#asking) return 'failed';
    this.#asking = true;
    try {
      // Legible text needs sharpness more than movement.
      const video = { frameRate: { max: 15 } };
      // Music and films, not a voice in a room.
      const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await this.#devices.getDisplayMedia({ video, audio });
      return this.#adopt(stream);
    } catch (error) {
      return error instanceof Error && error.name === 'NotAllowedError' ? 'cancelled' : 'failed';
    } finally {
      this.#asking = false;
    }
  }

  /** Idempotent. */
  stop(): void {
    this.#track.get()?.stop();
    this.#sound.get()?.stop();
    this.#track.set(undefined);
    this.#sound.set(undefined);
  }

  /** As `stop`; a screen that is chosen later is let go at once. */
  close(): void {
    this.#closed = true;
    this.stop();
  }

  #adopt(stream: MediaStream): ShareOutcome {
    const track = stream.getVideoTracks()[0];
    if (track === undefined) return 'failed';
    if (this.#closed) {
      for (const opened of stream.getTracks()) opened.stop();
      return 'cancelled';
    }
    track.contentHint = 'detail';
    // The browser's own "stop sharing" button.
    track.onended = () => {
      if (this.#track.get() === track) this.stop();
    };
    const [sound] = stream.getAudioTracks();
    if (sound !== undefined) {
      sound.onended = () => {
        if (this.#sound.get() === sound) this.#sound.set(undefined);
      };
    }
    this.#sound.set(sound);
    this.#track.set(track);
    return 'shared';
  }
}
