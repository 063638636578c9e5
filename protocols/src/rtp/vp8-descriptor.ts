/**
 * Reads the VP8 payload descriptor in place (RFC 7741 §4.2), with the offsets that a forwarder
 * patches. Beyond the descriptor it looks at one byte only: the P bit of the payload header
 * (§4.3), which stays readable with end-to-end encryption.
 *
 *     |X|R|N|S|R| PID |   required
 *     |I|L|T|K| RSV   |   when X
 *     |M| PictureID   |   when I; 15 bits in two bytes when M
 *     |   TL0PICIDX   |   when L
 *     |TID|Y| KEYIDX  |   when T or K
 */
export class Vp8Descriptor {
  /** Bytes of the descriptor. */
  length = 0;
  /** First packet of a frame: S set and partition 0. */
  isFrameStart = false;
  /** First packet of a key frame. */
  isKeyFrameStart = false;
  /** No other frame refers to this one. */
  isNonReference = false;
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
  /** 0..3; -1 when absent. */
  temporalId = -1;
  /** Y: this frame refers to the base layer only. */
  isLayerSync = false;

  /** False (and undefined fields) when the payload is empty or cut within the descriptor. */
  read(buffer: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    if (length < 1 || end > buffer.length) return false;
    let at = offset;
    const first = buffer[at++]!;
    this.isNonReference = (first & 0x20) !== 0;
    this.isFrameStart = (first & 0x17) === 0x10;
    this.pictureIdBytes = 0;
    this.pictureId = 0;
    this.pictureIdOffset = 0;
    this.tl0PicIdx = -1;
    this.tl0PicIdxOffset = 0;
    this.temporalId = -1;
    this.isLayerSync = false;
    if ((first & 0x80) !== 0) {
      if (at >= end) return false;
      const flags = buffer[at++]!;
      if ((flags & 0x80) !== 0) {
        if (at >= end) return false;
        this.pictureIdOffset = at - offset;
        const high = buffer[at++]!;
        if (high < 128) {
          this.pictureIdBytes = 1;
          this.pictureId = high;
        } else {
          if (at >= end) return false;
          this.pictureIdBytes = 2;
          this.pictureId = ((high & 0x7f) << 8) | buffer[at++]!;
        }
      }
      if ((flags & 0x40) !== 0) {
        if (at >= end) return false;
        this.tl0PicIdxOffset = at - offset;
        this.tl0PicIdx = buffer[at++]!;
      }
      if ((flags & 0x30) !== 0) {
        if (at >= end) return false;
        const layer = buffer[at++]!;
        if ((flags & 0x20) !== 0) {
          this.temporalId = layer >> 6;
          this.isLayerSync = (layer & 0x20) !== 0;
        }
      }
    }
    if (at >= end) return false; // a descriptor with nothing behind it
    this.length = at - offset;
    this.isKeyFrameStart = this.isFrameStart && (buffer[at]! & 0x01) === 0;
    return true;
  }
}

export interface Vp8DescriptorFields {
  readonly isFrameStart: boolean;
  readonly isNonReference?: boolean;
  readonly pictureId?: { readonly value: number; readonly bits: 7 | 15 };
  readonly tl0PicIdx?: number;
  readonly temporalId?: number;
  readonly isLayerSync?: boolean;
}

/** The descriptor as bytes, for endpoints and tests. */
export function writeVp8Descriptor(fields: Vp8DescriptorFields): Uint8Array {
  const out: number[] = [(fields.isNonReference ? 0x20 : 0) | (fields.isFrameStart ? 0x10 : 0)];
  const { pictureId, tl0PicIdx, temporalId } = fields;
  if (pictureId !== undefined || tl0PicIdx !== undefined || temporalId !== undefined) {
    out[0] = out[0]! | 0x80;
    out.push(
      (pictureId === undefined ? 0 : 0x80) |
        (tl0PicIdx === undefined ? 0 : 0x40) |
        (temporalId === undefined ? 0 : 0x20),
    );
    if (pictureId?.bits === 15) {
      out.push(0x80 | ((pictureId.value >> 8) & 0x7f), pictureId.value & 0xff);
    } else if (pictureId !== undefined) out.push(pictureId.value & 0x7f);
    if (tl0PicIdx !== undefined) out.push(tl0PicIdx & 0xff);
    if (temporalId !== undefined) out.push((temporalId << 6) | (fields.isLayerSync ? 0x20 : 0));
  }
  return Uint8Array.from(out);
}
