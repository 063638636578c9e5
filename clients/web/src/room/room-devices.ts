/** Camera, microphone and screen of one visit: closed for good at its end, new ones for the next. */
import {
  LocalMedia,
  type LocalMediaOptions,
  LocalScreen,
  type ReadonlyStore,
  Store,
} from '@conclave/sdk';

export type MediaDevicesLike = ConstructorParameters<typeof LocalMedia>[0] &
  ConstructorParameters<typeof LocalScreen>[0];

export class RoomDevices {
  readonly #devices: MediaDevicesLike | undefined;
  readonly #localMedia: Store<LocalMedia>;
  #screen: LocalScreen;
  #closed = false;

  /** @param devices undefined on pages without HTTPS */
  constructor(devices: MediaDevicesLike | undefined, options: LocalMediaOptions) {
    this.#devices = devices;
    this.#localMedia = new Store(new LocalMedia(devices, options));
    this.#screen = new LocalScreen(devices);
  }

  /** Another object for each visit. */
  get localMedia(): ReadonlyStore<LocalMedia> {
    return this.#localMedia;
  }

  get screen(): LocalScreen {
    return this.#screen;
  }

  /** Opens what is not muted; after `close` with new objects that are as the old ones were. */
  open(): void {
    if (this.#closed) {
      this.#localMedia.set(new LocalMedia(this.#devices, this.#localMedia.get().options));
      this.#screen = new LocalScreen(this.#devices);
      this.#closed = false;
    }
    void this.#localMedia.get().open();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#localMedia.get().close();
    this.#screen.close();
  }
}
