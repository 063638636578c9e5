/** Sizes of QR codes with error correction level M (ISO/IEC 18004 tables 7, 9 and E.1), as far as addresses of rooms need. */

export interface QrVersion {
  readonly version: number;
  /** Modules on a side. */
  readonly size: number;
  readonly correctionPerBlock: number;
  /** Data codewords of each block. */
  readonly blocks: readonly number[];
  /** Rows and columns of the centres of alignment patterns. */
  readonly alignment: readonly number[];
}

const row = (
  version: number,
  correctionPerBlock: number,
  blocks: readonly number[],
  alignment: readonly number[],
): QrVersion => ({ version, size: 17 + 4 * version, correctionPerBlock, blocks, alignment });

const VERSIONS: readonly QrVersion[] = [
  row(1, 10, [16], []),
  row(2, 16, [28], [6, 18]),
  row(3, 26, [44], [6, 22]),
  row(4, 18, [32, 32], [6, 26]),
  row(5, 24, [43, 43], [6, 30]),
  row(6, 16, [27, 27, 27, 27], [6, 34]),
  row(7, 18, [31, 31, 31, 31], [6, 22, 38]),
  row(8, 22, [38, 38, 39, 39], [6, 24, 42]),
  row(9, 22, [36, 36, 36, 37, 37], [6, 26, 46]),
  row(10, 26, [43, 43, 43, 43, 44], [6, 28, 50]),
];

/** Bits that say how long a text is (table 3, bytes). */
export function lengthBitsOf({ version }: QrVersion): number {
  return version < 10 ? 8 : 16;
}

export function dataCodewordsOf({ blocks }: QrVersion): number {
  return blocks.reduce((sum, count) => sum + count, 0);
}

/** The smallest that holds so many bytes; undefined when none does. */
export function versionFor(bytes: number): QrVersion | undefined {
  return VERSIONS.find((version) => {
    const bits = 4 + lengthBitsOf(version) + 8 * bytes;
    return bits <= 8 * dataCodewordsOf(version);
  });
}
