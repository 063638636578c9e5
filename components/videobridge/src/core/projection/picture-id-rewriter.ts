/**
 * Keeps picture id and TL0PICIDX of VP8 and VP9 continuous for one receiver while encodings are switched
 * (RFC 7741 §4.2 and RFC 9628 §4.2 ask for it within one stream). Results are what a send record adds to the
 * two counters.
 */

/** What the two codecs' descriptors have in common. */
export interface PictureIds {
  /** 0 absent, 1 (7 bits) or 2 (15 bits). */
  readonly pictureIdBytes: number;
  readonly pictureId: number;
  /** -1 when absent. */
  readonly tl0PicIdx: number;
  readonly isKeyFrameStart: boolean;
}

export class PictureIdRewriter {
  /** To be added to the picture id, modulo its size. */
  addA = 0;
  /** To be added to TL0PICIDX, modulo 256. */
  addB = 0;
  #hasSent = false;
  #pictureIdOffset = 0;
  #tl0Offset = 0;
  #lastPictureId = 0;
  #lastTl0 = 0;

  /** The next packet begins a key frame of another encoding (or of this one, started anew). */
  switchTo(ids: PictureIds): void {
    if (!this.#hasSent) {
      this.#pictureIdOffset = 0;
      this.#tl0Offset = 0;
      return;
    }
    this.#pictureIdOffset = this.#lastPictureId + 1 - ids.pictureId;
    if (ids.tl0PicIdx >= 0) this.#tl0Offset = this.#lastTl0 + 1 - ids.tl0PicIdx;
  }

  /**
   * Computes `addA` and `addB`. `isNewest`: no later packet was sent. `pictureIdShift`: pictures
   * left out before this one, since the last switch.
   */
  rewrite(ids: PictureIds, isNewest: boolean, pictureIdShift = 0): void {
    this.addA = 0;
    this.addB = 0;
    const isKeyFrame = isNewest && ids.isKeyFrameStart && this.#hasSent;
    if (ids.pictureIdBytes > 0) {
      const mask = ids.pictureIdBytes === 2 ? 0x7fff : 0x7f;
      let offset = this.#pictureIdOffset - pictureIdShift;
      let pictureId = (ids.pictureId + offset) & mask;
      if (isKeyFrame && isBackwards(pictureId, this.#lastPictureId, mask)) {
        // The encoder was restarted: it counts from somewhere else.
        offset = this.#lastPictureId + 1 - ids.pictureId;
        this.#pictureIdOffset = offset + pictureIdShift;
        pictureId = (this.#lastPictureId + 1) & mask;
      }
      if (isNewest) this.#lastPictureId = pictureId;
      this.addA = offset & mask;
    }
    if (ids.tl0PicIdx >= 0) {
      let tl0 = (ids.tl0PicIdx + this.#tl0Offset) & 0xff;
      if (isKeyFrame && isBackwards(tl0, this.#lastTl0, 0xff)) {
        this.#tl0Offset = this.#lastTl0 + 1 - ids.tl0PicIdx;
        tl0 = (this.#lastTl0 + 1) & 0xff;
      }
      if (isNewest) this.#lastTl0 = tl0;
      this.addB = this.#tl0Offset & 0xff;
    }
    if (isNewest) this.#hasSent = true;
  }
}

/** Whether `value` is not ahead of `last`, in a circle of `mask + 1` values. */
function isBackwards(value: number, last: number, mask: number): boolean {
  const distance = (value - last) & mask;
  return distance === 0 || distance > mask >> 1;
}
