/** What a MediaStream is in tests: the tracks it was made of (Media Capture and Streams §4.2). */
export class FakeMediaStream {
  readonly #tracks: readonly unknown[];

  constructor(tracks: readonly unknown[]) {
    this.#tracks = tracks;
  }

  getTracks(): readonly unknown[] {
    return this.#tracks;
  }
}
