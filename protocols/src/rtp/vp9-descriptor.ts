/**
 * Reads the VP9 payload descriptor in place (RFC 9628 §4.2), in flexible and non-flexible mode, with
 * the offsets of the counters that a forwarder moves.
 *
 *     |I|P|L|F|B|E|V|Z|   required
 *     |M| PictureID   |   when I; 15 bits in two bytes when M
 *     | TID |U| SID |D|   when L
 *     |   TL0PICIDX   |   when L and not F
 *     |  P_DIFF     |N|   when P and F; up to three, another while N
 *     | scalability structure |   when V
 */

/** P_DIFF entries of one frame (RFC 9628 §4.2). */
const MAX_REFERENCES = 3;
const MAX_SPATIAL_LAYERS = 8;

export class Vp9Descriptor {
  /** Bytes of the descriptor. */
  length = 0;
  /** First packet of a layer's frame (B). */
  isFrameStart = false;
  /** Last packet of a layer's frame (E). */
  isFrameEnd = false;
  /** First packet of a picture that refers to no earlier one. */
  isKeyFrameStart = false;
  /** P: the layer's frame refers to earlier pictures. */
  isInterPicture = false;
  /** F: references are told, by `references`. */
  isFlexible = false;
  /** D: the frame refers to the layer below in the same picture. */
  isInterLayer = false;
  /** Not Z: layers above may refer to this frame in the same picture. */
  isLayerReference = true;
  /** 0 absent, 1 (7 bits) or 2 (15 bits). */
  pictureIdBytes = 0;
  /** Without the M bit. */
  pictureId = 0;
  /** From the payload's start. */
  pictureIdOffset = 0;
  /** -1 when absent. */
  tl0PicIdx = -1;
  /** From the payload's start. */
  tl0PicIdxOffset = 0;
  /** 0 when the descriptor tells no layers. */
  spatialId = 0;
  /** -1 when absent. */
  temporalId = -1;
  /** U: higher temporal layers may be entered here. */
  isSwitchingUp = false;
  /** How many pictures back, 1..127; the first `referenceCount` count. */
  readonly references = new Uint8Array(MAX_REFERENCES);
  referenceCount = 0;
  /** Spatial layers of the scalability structure; 0 when this packet has none. */
  spatialLayers = 0;
  /** Pixels of the shorter side, by spatial layer; 0 when not told. */
  readonly heights = new Uint16Array(MAX_SPATIAL_LAYERS);

  /** False (and undefined fields) when the payload is empty or cut within the descriptor. */
  read(buffer: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    if (length < 1 || end > buffer.length) return false;
    let at = offset;
    const first = buffer[at++]!;
    const hasLayers = (first & 0x20) !== 0;
    this.isInterPicture = (first & 0x40) !== 0;
    this.isFlexible = (first & 0x10) !== 0;
    this.isFrameStart = (first & 0x08) !== 0;
    this.isFrameEnd = (first & 0x04) !== 0;
    this.isLayerReference = (first & 0x01) === 0;
    this.pictureIdBytes = 0;
    this.pictureId = 0;
    this.pictureIdOffset = 0;
    this.tl0PicIdx = -1;
    this.tl0PicIdxOffset = 0;
    this.spatialId = 0;
    this.temporalId = -1;
    this.isSwitchingUp = false;
    this.isInterLayer = false;
    this.referenceCount = 0;
    this.spatialLayers = 0;
    if ((first & 0x80) !== 0) {
      if (at >= end) return false;
      this.pictureIdOffset = at - offset;
      const high = buffer[at++]!;
      this.pictureIdBytes = high < 128 ? 1 : 2;
      this.pictureId = high & 0x7f;
      if (this.pictureIdBytes === 2) {
        if (at >= end) return false;
        this.pictureId = (this.pictureId << 8) | buffer[at++]!;
      }
    }
    if (hasLayers) {
      if (at >= end) return false;
      const layers = buffer[at++]!;
      this.temporalId = layers >> 5;
      this.isSwitchingUp = (layers & 0x10) !== 0;
      this.spatialId = (layers >> 1) & 0x07;
      this.isInterLayer = (layers & 0x01) !== 0;
      if (!this.isFlexible) {
        if (at >= end) return false;
        this.tl0PicIdxOffset = at - offset;
        this.tl0PicIdx = buffer[at++]!;
      }
    }
    if (this.isInterPicture && this.isFlexible) {
      for (let hasMore = true; hasMore; ) {
        if (at >= end || this.referenceCount === MAX_REFERENCES) return false;
        const reference = buffer[at++]!;
        this.references[this.referenceCount++] = reference >> 1;
        hasMore = (reference & 0x01) !== 0;
      }
    }
    if ((first & 0x02) !== 0) {
      at = this.#readStructure(buffer, at, end);
      if (at < 0) return false;
    }
    if (at >= end) return false; // a descriptor with nothing behind it
    this.length = at - offset;
    this.isKeyFrameStart = this.isFrameStart && !this.isInterPicture && this.spatialId === 0;
    return true;
  }

  /**
   * `N_S` 3 bits, Y, G; width and height of each layer when Y; the group of pictures when G, which is
   * skipped. Where it ends, or -1 when it is cut.
   */
  #readStructure(buffer: Uint8Array, start: number, end: number): number {
    if (start >= end) return -1;
    let at = start;
    const head = buffer[at++]!;
    this.spatialLayers = (head >> 5) + 1;
    this.heights.fill(0);
    if ((head & 0x10) !== 0) {
      if (at + 4 * this.spatialLayers > end) return -1;
      for (let layer = 0; layer < this.spatialLayers; layer++, at += 4) {
        const width = (buffer[at]! << 8) | buffer[at + 1]!;
        this.heights[layer] = Math.min(width, (buffer[at + 2]! << 8) | buffer[at + 3]!);
      }
    }
    if ((head & 0x08) !== 0) {
      if (at >= end) return -1;
      for (let pictures = buffer[at++]!; pictures > 0; pictures--) {
        if (at >= end) return -1;
        at += 1 + ((buffer[at]! >> 2) & 0x03);
      }
    }
    return at > end ? -1 : at;
  }
}

export interface Vp9DescriptorFields {
  readonly isFrameStart: boolean;
  readonly isFrameEnd: boolean;
  readonly isInterPicture: boolean;
  /** Flexible mode when given; empty without inter-picture prediction. */
  readonly references?: readonly number[];
  readonly pictureId?: { readonly value: number; readonly bits: 7 | 15 };
  readonly layers?: {
    readonly temporalId: number;
    readonly spatialId: number;
    readonly isSwitchingUp?: boolean;
    readonly isInterLayer?: boolean;
    /** Only in non-flexible mode. */
    readonly tl0PicIdx?: number;
  };
  readonly isLayerReference?: boolean;
  /** `[width, height]` of each spatial layer. */
  readonly structure?: readonly (readonly [number, number])[];
}

/** The descriptor as bytes, for endpoints and tests. */
export function writeVp9Descriptor(fields: Vp9DescriptorFields): Uint8Array {
  const { pictureId, layers, references, structure, isInterPicture } = fields;
  const flag = (isSet: boolean | undefined, bit: number): number => (isSet ? bit : 0);
  const out: number[] = [
    flag(pictureId !== undefined, 0x80) |
      flag(isInterPicture, 0x40) |
      flag(layers !== undefined, 0x20) |
      flag(references !== undefined, 0x10) |
      flag(fields.isFrameStart, 0x08) |
      flag(fields.isFrameEnd, 0x04) |
      flag(structure !== undefined, 0x02) |
      flag(fields.isLayerReference === false, 0x01),
  ];
  if (pictureId?.bits === 15) out.push(0x80 | (pictureId.value >> 8), pictureId.value & 0xff);
  else if (pictureId !== undefined) out.push(pictureId.value & 0x7f);
  if (layers !== undefined) {
    const { temporalId, spatialId, isSwitchingUp, isInterLayer } = layers;
    out.push(
      (temporalId << 5) | flag(isSwitchingUp, 0x10) | (spatialId << 1) | flag(isInterLayer, 0x01),
    );
    if (references === undefined) out.push(layers.tl0PicIdx ?? 0);
  }
  if (isInterPicture && references !== undefined) {
    references.forEach((reference, i) => {
      out.push((reference << 1) | flag(i < references.length - 1, 0x01));
    });
  }
  if (structure !== undefined) {
    out.push(((structure.length - 1) << 5) | 0x10);
    for (const [width, height] of structure) {
      out.push(width >> 8, width & 0xff, height >> 8, height & 0xff);
    }
  }
  return Uint8Array.from(out);
}
