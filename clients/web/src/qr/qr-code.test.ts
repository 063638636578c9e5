import { describe, expect, test } from 'vitest';
import { multiply, powerOfTwo } from './error-correction.ts';
import { MASKS } from './masks.ts';
import type { Modules } from './modules.ts';
import { qrCodeOf } from './qr-code.ts';
import { lengthBitsOf, versionFor } from './qr-versions.ts';

const rowsOf = (modules: Modules) =>
  Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (_, column) =>
      modules.isDark(row, column) ? '#' : '.',
    ).join(''),
  );

test('is module for module what another encoder draws (libqrencode 4.1.1)', () => {
  const code = qrCodeOf('https://meet.example.org/reading-room');
  expect(code && rowsOf(code)).toEqual([
    '#######.##.###..#..##.#######',
    '#.....#.#.#.#...#.....#.....#',
    '#.###.#...##.###....#.#.###.#',
    '#.###.#.##.##....#.#..#.###.#',
    '#.###.#..#.#.#####.#..#.###.#',
    '#.....#..#.#..#..###..#.....#',
    '#######.#.#.#.#.#.#.#.#######',
    '........#...########.........',
    '#.##.###.#########....#..#.##',
    '..#....##..#....####.##.#...#',
    '.####.####....#...#..###..##.',
    '...##....#.######.###..#....#',
    '.....##.#......###.....#.##..',
    '####...#####.#.#####..#...###',
    '.#....###.##..#..#.#.###..###',
    '.#.###.#...#.#.##.#.#..##..#.',
    '##....##.#.##..#..####.###.#.',
    '.#.###..#...##.##...##.#.###.',
    '#.###.#.##.##..##....####.#..',
    '....##.##.#....####.#.....#..',
    '.##...######.#..###########..',
    '........##.#.##.#.###...#####',
    '#######.#..###...#.##.#.##.#.',
    '#.....#.##.#...#..#.#...##.##',
    '#.###.#..##.#.#..#..#####.#..',
    '#.###.#.#####.####.###.###..#',
    '#.###.#.#....#....#.#..#..#.#',
    '#.....#..##....#..#.##.###.#.',
    '#######.#.#....#..####..#..#.',
  ]);
});

/** Reads a code back as a camera would that sees all of it. */
function read(code: Modules, bytes: number): string {
  const version = versionFor(bytes);
  if (version === undefined) throw new Error('too long');
  // The three bits of the format that name the mask, without what keeps it from being all light.
  const mask = [10, 11, 12].reduce((sum, bit, index) => {
    return sum | (Number(code.isDark(8, 14 - bit)) << index);
  }, 0);
  const isInverted = MASKS[mask ^ ((0x5412 >> 10) & 0b111)];
  let bits = '';
  for (const [row, column] of code.free()) {
    bits += code.isDark(row, column) !== isInverted?.(row, column) ? '1' : '0';
  }
  const codewords = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  const blocks = version.blocks.map(() => [] as number[]);
  for (let index = 0; index < Math.max(...version.blocks); index++) {
    for (const [at, size] of version.blocks.entries()) {
      if (index < size) blocks[at]?.push(codewords.shift() ?? 0);
    }
  }
  const data = blocks.map((block) => [...block]);
  for (let index = 0; index < version.correctionPerBlock; index++) {
    for (const block of blocks) block.push(codewords.shift() ?? 0);
  }
  // A block is a multiple of its generator: zero at every root.
  for (const block of blocks) {
    for (let root = 0; root < version.correctionPerBlock; root++) {
      expect(block.reduce((sum, byte) => multiply(sum, powerOfTwo(root)) ^ byte, 0)).toBe(0);
    }
  }
  const all = data
    .flat()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const start = 4 + lengthBitsOf(version);
  expect(all.slice(0, 4)).toBe('0100');
  expect(Number.parseInt(all.slice(4, start), 2)).toBe(bytes);
  const text = all.slice(start, start + 8 * bytes).match(/.{8}/g) ?? [];
  return new TextDecoder().decode(Uint8Array.from(text, (byte) => Number.parseInt(byte, 2)));
}

describe('every size', () => {
  test.each([14, 26, 42, 62, 84, 106, 122, 152, 180, 213])('with %d bytes can be read', (bytes) => {
    const text = 'https://meet.example.org/süß-'.padEnd(bytes - 2, 'x7').slice(0, bytes - 2);
    const whole = bytes < 40 ? 'x'.repeat(bytes) : text;
    const code = qrCodeOf(whole);
    const corners = [0, 1].map((at) => code?.isDark(0, at * ((code?.size ?? 0) - 1)));
    expect(corners).toEqual([true, true]);
    expect(code && read(code, new TextEncoder().encode(whole).length)).toBe(whole);
  });

  test('a longer text has none', () => {
    expect(qrCodeOf('x'.repeat(214))).toBeUndefined();
  });
});
