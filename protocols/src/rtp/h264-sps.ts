/** Reads the size of the picture from an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1.1, §7.4.2.1.1). */
import { BitReader } from './bit-reader.ts';

/** Far more than what stands before the height, scaling lists left out. */
const MAX_BYTES = 256;
/** Profiles that say more about the samples (§7.3.2.1.1). */
const HIGH_PROFILES: readonly number[] = [
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
];
const MACROBLOCK = 16;
const MAX_HEIGHT = 16_384;

/**
 * Pixels of the shorter side, which is what "360p" names whichever way a phone is held; 0 for what cannot be read. `offset`:
 * behind the NAL unit's header.
 */
export function h264SpsHeight(buffer: Uint8Array, offset: number, length: number): number {
  const bits = new BitReader();
  const plain = withoutEmulationPrevention(buffer, offset, Math.min(length, MAX_BYTES));
  bits.reset(plain, 0, plain.length);
  const height = readShorterSide(bits);
  return bits.isCut || height <= 0 || height > MAX_HEIGHT ? 0 : height;
}

function readShorterSide(bits: BitReader): number {
  const profile = bits.read(8);
  bits.read(16); // constraints, level
  unsigned(bits); // seq_parameter_set_id
  let chromaFormat = 1;
  if (HIGH_PROFILES.includes(profile)) {
    chromaFormat = unsigned(bits);
    if (chromaFormat === 3) bits.flag(); // separate_colour_plane_flag
    unsigned(bits); // bit depths
    unsigned(bits);
    bits.flag(); // qpprime_y_zero_transform_bypass_flag
    // Scaling lists: no encoder of a browser or a phone sends any.
    if (bits.flag()) return 0;
  }
  unsigned(bits); // log2_max_frame_num_minus4
  if (!skipPictureOrder(bits)) return 0;
  unsigned(bits); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  const width = (unsigned(bits) + 1) * MACROBLOCK;
  const mapUnits = unsigned(bits) + 1;
  const isFrameOnly = bits.flag();
  if (!isFrameOnly) bits.flag(); // mb_adaptive_frame_field_flag
  bits.flag(); // direct_8x8_inference_flag
  const fields = isFrameOnly ? 1 : 2;
  const height = mapUnits * MACROBLOCK * fields;
  if (!bits.flag()) return Math.min(width, height);
  const croppedWidth = (unsigned(bits) + unsigned(bits)) * (isHalved(chromaFormat) ? 2 : 1);
  const croppedHeight = (unsigned(bits) + unsigned(bits)) * (chromaFormat === 1 ? 2 : 1) * fields;
  return Math.min(width - croppedWidth, height - croppedHeight);
}

/** Whether colours have half the width of the picture (4:2:0, 4:2:2), which cropping counts in then. */
function isHalved(chromaFormat: number): boolean {
  return chromaFormat === 1 || chromaFormat === 2;
}

/** False for what no encoder in real time sends. */
function skipPictureOrder(bits: BitReader): boolean {
  const type = unsigned(bits);
  if (type === 0) unsigned(bits); // log2_max_pic_order_cnt_lsb_minus4
  return type === 0 || type === 2;
}

/** `ue(v)`, §9.1; at most 2^24. */
function unsigned(bits: BitReader): number {
  let zeros = 0;
  while (!bits.isCut && zeros < 24 && !bits.flag()) zeros++;
  return zeros === 0 ? 0 : (1 << zeros) - 1 + bits.read(zeros);
}

/** Without the 3 that follows two zeros (§7.4.1). */
function withoutEmulationPrevention(
  buffer: Uint8Array,
  offset: number,
  length: number,
): Uint8Array {
  const out = new Uint8Array(length);
  let written = 0;
  let zeros = 0;
  for (let at = offset; at < offset + length; at++) {
    const byte = buffer[at] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[written++] = byte;
  }
  return out.subarray(0, written);
}
