/** The eight masks of a QR code, and how badly each would be read (ISO/IEC 18004 §7.8). */
import type { Modules } from './modules.ts';

/** Whether a module is inverted. */
export const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

/** Looks like a corner: a dark, light, thrice dark, light, dark row with light on one side. */
const CORNERS = ['10111010000', '00001011101'] as const;

/** Penalty points: the fewer, the better it is read. */
export function penaltyOf(modules: Modules): number {
  const { size } = modules;
  const indices = Array.from({ length: size }, (_, index) => index);
  const line = (isDark: (index: number) => boolean) =>
    indices.map((index) => (isDark(index) ? '1' : '0')).join('');
  const rows = indices.map((row) => line((column) => modules.isDark(row, column)));
  const columns = indices.map((column) => line((row) => modules.isDark(row, column)));
  const lines = [...rows, ...columns];
  const runs = lines.reduce((sum, text) => sum + runPenalty(text), 0);
  const corners = lines.reduce((sum, text) => sum + 40 * cornersIn(text), 0);
  const dark = rows.join('').replaceAll('0', '').length;
  const offPercent = Math.abs((100 * dark) / (size * size) - 50);
  return runs + corners + 3 * squaresIn(rows) + 10 * Math.floor(offPercent / 5);
}

/** Five alike in a row cost three points, each further one one more. */
function runPenalty(line: string): number {
  const runs = line.match(/0{5,}|1{5,}/g) ?? [];
  return runs.reduce((sum, { length }) => sum + length - 2, 0);
}

function cornersIn(line: string): number {
  let count = 0;
  for (const corner of CORNERS) {
    for (let at = line.indexOf(corner); at >= 0; at = line.indexOf(corner, at + 1)) count++;
  }
  return count;
}

/** Of two by two alike, overlapping ones too. */
function squaresIn(rows: readonly string[]): number {
  let count = 0;
  for (const [index, row] of rows.entries()) {
    const below = rows[index + 1];
    if (below === undefined) break;
    for (let at = 0; at + 1 < row.length; at++) {
      const square = row.slice(at, at + 2) + below.slice(at, at + 2);
      if (square === '0000' || square === '1111') count++;
    }
  }
  return count;
}
