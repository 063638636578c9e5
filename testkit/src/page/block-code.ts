/**
 * A picture that says who sent it and when: a participant's number and a frame counter as 8 x 4
 * black and white blocks, big enough to survive scaling to 160 x 90 and strong compression.
 *
 *   1 0 | number 8 bits | counter 12 bits | check 8 bits | 0 1      (row by row, from the top left)
 */

export const COLUMNS = 8;
export const ROWS = 4;
const CELLS = COLUMNS * ROWS;

export interface Signature {
  /** The sender's number, 0..255. */
  readonly number: number;
  /** The frame's number modulo 4096: two readings that differ prove that the picture moves. */
  readonly counter: number;
}

/** The 32 cells of a signature, row by row; true is white. */
export function cellsOf({ number, counter }: Signature): boolean[] {
  const bits = [true, false];
  pushBits(bits, number, 8);
  pushBits(bits, counter, 12);
  pushBits(bits, checkOf(number, counter), 8);
  bits.push(false, true);
  return bits;
}

/** Reads a signature back from brightness per cell (0..255), or undefined when it is not one. */
export function signatureOf(brightness: readonly number[]): Signature | undefined {
  if (brightness.length !== CELLS) return undefined;
  const bits = brightness.map((value) => value >= 128);
  if (!bits[0] || bits[1] || bits[CELLS - 2] || !bits[CELLS - 1]) return undefined;
  const number = takeBits(bits, 2, 8);
  const counter = takeBits(bits, 10, 12);
  return takeBits(bits, 22, 8) === checkOf(number, counter) ? { number, counter } : undefined;
}

/** Mean brightness of the middle half of each cell of an RGBA picture of `width` x `height` px. */
export function brightnessOf(rgba: ArrayLike<number>, width: number, height: number): number[] {
  const cellWidth = width / COLUMNS;
  const cellHeight = height / ROWS;
  const out: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      let sum = 0;
      let count = 0;
      const bottom = Math.floor((row + 0.75) * cellHeight);
      const right = Math.floor((column + 0.75) * cellWidth);
      for (let y = Math.ceil((row + 0.25) * cellHeight); y < bottom; y++) {
        for (let x = Math.ceil((column + 0.25) * cellWidth); x < right; x++) {
          const at = (y * width + x) * 4;
          sum += (rgba[at] ?? 0) * 0.3 + (rgba[at + 1] ?? 0) * 0.59 + (rgba[at + 2] ?? 0) * 0.11;
          count++;
        }
      }
      out.push(count === 0 ? 0 : sum / count);
    }
  }
  return out;
}

/** Spread so that no shift or repetition of a picture passes by accident. */
function checkOf(number: number, counter: number): number {
  const mixed = Math.imul(((number << 12) | counter) + 1, 0x9e3779b1) >>> 0;
  return mixed >>> 24;
}

function pushBits(bits: boolean[], value: number, count: number): void {
  for (let i = count - 1; i >= 0; i--) bits.push(((value >> i) & 1) === 1);
}

function takeBits(bits: readonly boolean[], from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) value = value * 2 + (bits[i] ? 1 : 0);
  return value;
}
