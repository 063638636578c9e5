/** From a text to the codewords of a QR code, in the order in which they are drawn (ISO/IEC 18004 §7.4 to §7.6). */
import { correctionOf } from './error-correction.ts';
import { dataCodewordsOf, lengthBitsOf, type QrVersion } from './qr-versions.ts';

const BYTE_MODE = 0b0100;
const PADDING = [0xec, 0x11] as const;

export function codewordsOf(bytes: Uint8Array, version: QrVersion): Uint8Array {
  const blocks = split(dataOf(bytes, version), version.blocks);
  const corrections = blocks.map((block) => correctionOf(block, version.correctionPerBlock));
  return Uint8Array.from([...interleave(blocks), ...interleave(corrections)]);
}

/** Mode, length, text, end and padding. */
function dataOf(bytes: Uint8Array, version: QrVersion): Uint8Array {
  const data = new Uint8Array(dataCodewordsOf(version));
  let bits = 0;
  const append = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--, bits++) {
      const at = bits >> 3;
      data[at] = (data[at] ?? 0) | (((value >> bit) & 1) << (7 - (bits & 7)));
    }
  };
  append(BYTE_MODE, 4);
  append(bytes.length, lengthBitsOf(version));
  for (const byte of bytes) append(byte, 8);
  // Four zeros end the text, as far as there is room; then zeros to the next codeword.
  bits = Math.min(bits + 4, data.length * 8);
  let turn = 0;
  for (let at = Math.ceil(bits / 8); at < data.length; at++) data[at] = PADDING[turn++ % 2] ?? 0;
  return data;
}

function split(data: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return data.subarray(end - size, end);
  });
}

/** The first of each block, the second of each, …; some blocks are one longer than others. */
function interleave(blocks: readonly Uint8Array[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    blocks.flatMap((block) => (index < block.length ? [block[index] ?? 0] : [])),
  ).flat();
}
