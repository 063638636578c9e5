/**
 * Our microphone and camera. Muting the microphone keeps it open but silent, so that speaking again is instant;
 * muting the camera closes it, so that its light goes out.
 */
import { type ReadonlyStore, Store } from '../store.ts';
import { type DeviceErrorReason, deviceErrorReason } from './device-error.ts';

export type LocalKind = 'audio' | 'video';

export interface LocalTrackState {
  readonly muted: boolean;
  /** Undefined while muted, still opening, or not available. */
  readonly track: MediaStreamTrack | undefined;
  /** The device is being opened. */
  readonly pending: boolean;
  readonly error: DeviceErrorReason | undefined;
}

/** Device ids; what was not chosen, or is not there, is the browser's choice. */
export type DeviceChoice = Readonly<Partial<Record<LocalKind, string>>>;

export interface LocalMediaOptions {
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  readonly choice?: DeviceChoice;
  /** Default: true. */
  readonly noiseSuppression?: boolean;
}

/** The parts of `navigator.mediaDevices` that are used; absent on pages without HTTPS. */
export type MediaDevicesLike = Pick<MediaDevices, 'getUserMedia'>;

function constraintsFor(
  kind: LocalKind,
  deviceId: string | undefined,
  noiseSuppression: boolean,
): MediaTrackConstraints {
  const device = deviceId === undefined || deviceId === '' ? {} : { deviceId: { ideal: deviceId } };
  if (kind === 'audio') {
    // Whoever wants every sound, as of an instrument, wants its loudness too; an echo nobody wants.
    return {
      ...device,
      echoCancellation: true,
      noiseSuppression,
      autoGainControl: noiseSuppression,
    };
  }
  // No more than 720p: that is the highest simulcast layer.
  return {
    ...device,
    width: { ideal: 1280, max: 1280 },
    height: { ideal: 720, max: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
}

export class LocalMedia {
  readonly #devices: MediaDevicesLike | undefined;
  readonly #stores: Record<LocalKind, Store<LocalTrackState>>;
  #choice: DeviceChoice;
  readonly #noiseSuppression: Store<boolean>;
  #closed = false;

  constructor(devices: MediaDevicesLike | undefined, options: LocalMediaOptions) {
    this.#devices = devices;
    this.#choice = options.choice ?? {};
    this.#noiseSuppression = new Store(options.noiseSuppression ?? true);
    const initial = (muted: boolean) =>
      new Store<LocalTrackState>({ muted, track: undefined, pending: false, error: undefined });
    this.#stores = { audio: initial(options.audioMuted), video: initial(options.videoMuted) };
  }

  get audio(): ReadonlyStore<LocalTrackState> {
    return this.#stores.audio;
  }

  get video(): ReadonlyStore<LocalTrackState> {
    return this.#stores.video;
  }

  /** For others that begin as these are now. */
  get options(): LocalMediaOptions {
    const { audio, video } = this.#stores;
    return {
      audioMuted: audio.get().muted,
      videoMuted: video.get().muted,
      choice: this.#choice,
      noiseSuppression: this.#noiseSuppression.get(),
    };
  }

  /** Opens what is not muted, in one question to the person. Never rejects: see `error` in the stores. */
  async open(): Promise<void> {
    const kinds = (['audio', 'video'] as const).filter((kind) => {
      const { muted, track, pending } = this.#stores[kind].get();
      return !muted && track === undefined && !pending;
    });
    const devices = this.#devices;
    if (devices === undefined) {
      for (const kind of kinds) this.#fail(kind, 'insecure');
      return;
    }
    if (kinds.length < 2) {
      await Promise.all(kinds.map((kind) => this.#openOne(kind)));
      return;
    }
    for (const kind of kinds) this.#patch(kind, { pending: true, error: undefined });
    try {
      const stream = await devices.getUserMedia({
        audio: this.#constraintsFor('audio'),
        video: this.#constraintsFor('video'),
      });
      for (const kind of kinds) this.#adopt(kind, stream);
    } catch {
      // One missing device fails both: ask for each, to know which it is.
      await Promise.all(kinds.map((kind) => this.#openOne(kind)));
    }
  }

  /** Never rejects; a device that cannot be opened leaves the kind muted, with an error. */
  async setMuted(kind: LocalKind, muted: boolean): Promise<void> {
    const { track } = this.#stores[kind].get();
    if (!muted) {
      this.#patch(kind, { muted: false, error: undefined });
      if (track === undefined) await this.#openOne(kind);
      else track.enabled = true;
      return;
    }
    if (kind === 'audio') {
      if (track !== undefined) track.enabled = false;
      this.#patch('audio', { muted: true });
      return;
    }
    track?.stop();
    this.#patch('video', { muted: true, track: undefined });
  }

  /** The person has read it. */
  forgetError(kind: LocalKind): void {
    this.#patch(kind, { error: undefined });
  }

  /** Uses another device from now on. */
  async chooseDevice(kind: LocalKind, deviceId: string): Promise<void> {
    this.#choice = { ...this.#choice, [kind]: deviceId };
    await this.#reopen(kind);
  }

  /** Whether what is no voice is taken out of what the microphone hears. */
  get noiseSuppression(): ReadonlyStore<boolean> {
    return this.#noiseSuppression;
  }

  /** The microphone is opened again for it: not every browser changes an open one. */
  async setNoiseSuppression(on: boolean): Promise<void> {
    this.#noiseSuppression.set(on);
    await this.#reopen('audio');
  }

  async #reopen(kind: LocalKind): Promise<void> {
    const { track } = this.#stores[kind].get();
    if (track === undefined) return;
    track.stop();
    this.#patch(kind, { track: undefined });
    await this.#openOne(kind);
  }

  /** Closes all devices. Idempotent; tracks that are still being opened are closed when they come. */
  close(): void {
    this.#closed = true;
    for (const kind of ['audio', 'video'] as const) {
      this.#stores[kind].get().track?.stop();
      this.#patch(kind, { track: undefined, pending: false });
    }
  }

  #constraintsFor(kind: LocalKind): MediaTrackConstraints {
    return constraintsFor(kind, this.#choice[kind], this.#noiseSuppression.get());
  }

  async #openOne(kind: LocalKind): Promise<void> {
    if (this.#devices === undefined) {
      this.#fail(kind, 'insecure');
      return;
    }
    this.#patch(kind, { pending: true, error: undefined });
    try {
      const constraints = { [kind]: this.#constraintsFor(kind) };
      this.#adopt(kind, await this.#devices.getUserMedia(constraints));
    } catch (error) {
      this.#fail(kind, deviceErrorReason(error));
    }
  }

  #adopt(kind: LocalKind, stream: MediaStream): void {
    const track = stream.getTracks().find((candidate) => candidate.kind === kind);
    const { muted, track: previous } = this.#stores[kind].get();
    if (track === undefined) {
      this.#fail(kind, 'missing');
      return;
    }
    // Muted while the device was opening: the camera closes again, the microphone stays silent.
    if (this.#closed || previous !== undefined || (muted && kind === 'video')) {
      track.stop();
      this.#patch(kind, { pending: false });
      return;
    }
    track.enabled = !muted;
    track.onended = () => void this.#handleLost(kind, track);
    this.#patch(kind, { track, pending: false, error: undefined });
  }

  /** Unplugged, or taken away in the browser's own interface. */
  async #handleLost(kind: LocalKind, track: MediaStreamTrack): Promise<void> {
    if (this.#closed || this.#stores[kind].get().track !== track) return;
    this.#patch(kind, { track: undefined });
    // Another microphone takes over by itself; another camera might show what nobody is to see.
    if (kind === 'audio') await this.#openOne('audio');
    else this.#fail('video', 'lost');
    if (this.#stores[kind].get().error === 'missing') this.#fail(kind, 'lost');
  }

  #fail(kind: LocalKind, error: DeviceErrorReason): void {
    this.#patch(kind, { track: undefined, pending: false, muted: true, error });
  }

  #patch(kind: LocalKind, change: Partial<LocalTrackState>): void {
    this.#stores[kind].update((state) => ({ ...state, ...change }));
  }
}
