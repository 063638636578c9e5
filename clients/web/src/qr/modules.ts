/** The squares of a QR code: fixed patterns, and the codewords in zigzag between them (ISO/IEC 18004 §6.3, §7.7). */
import type { QrVersion } from './qr-versions.ts';

export class Modules {
  readonly size: number;
  readonly #dark: Uint8Array;
  /** Taken by a pattern: neither codewords nor masks touch it. */
  readonly #fixed: Uint8Array;

  private constructor(size: number, dark: Uint8Array, fixed: Uint8Array) {
    this.size = size;
    this.#dark = dark;
    this.#fixed = fixed;
  }

  /** With all patterns, and with the format and version areas kept free. */
  static withPatterns(version: QrVersion): Modules {
    const { size, alignment } = version;
    const modules = new Modules(size, new Uint8Array(size * size), new Uint8Array(size * size));
    for (let i = 0; i < size; i++) {
      modules.fix(6, i, i % 2 === 0);
      modules.fix(i, 6, i % 2 === 0);
    }
    for (const [row, column] of [
      [3, 3],
      [3, size - 4],
      [size - 4, 3],
    ] as const) {
      modules.#ring(row, column, 4, (distance) => distance !== 2 && distance !== 4);
    }
    const last = alignment.at(-1);
    for (const row of alignment) {
      for (const column of alignment) {
        const isFinder =
          (row === 6 && column === 6) ||
          (row === 6 && column === last) ||
          (row === last && column === 6);
        if (!isFinder) modules.#ring(row, column, 2, (distance) => distance !== 1);
      }
    }
    return modules;
  }

  copy(): Modules {
    return new Modules(this.size, this.#dark.slice(), this.#fixed);
  }

  isDark(row: number, column: number): boolean {
    return this.#dark[row * this.size + column] === 1;
  }

  /** Draws what belongs to a pattern. */
  fix(row: number, column: number, dark: boolean): void {
    this.#dark[row * this.size + column] = dark ? 1 : 0;
    this.#fixed[row * this.size + column] = 1;
  }

  /** Two columns at a time from the right, upwards and downwards in turn; what is left over stays light. */
  place(codewords: Uint8Array): void {
    let bit = 0;
    for (const [row, column] of this.free()) {
      const byte = codewords[bit >> 3] ?? 0;
      this.#dark[row * this.size + column] = (byte >> (7 - (bit & 7))) & 1;
      bit++;
    }
  }

  /** What is in no pattern, in the order of the codewords. */
  *free(): Generator<readonly [row: number, column: number]> {
    const { size } = this;
    let upwards = true;
    for (let right = size - 1; right > 0; right -= 2) {
      if (right === 6) right--; // the timing pattern
      for (let i = 0; i < size; i++) {
        const row = upwards ? size - 1 - i : i;
        for (const column of [right, right - 1]) {
          if (this.#fixed[row * size + column] === 0) yield [row, column];
        }
      }
      upwards = !upwards;
    }
  }

  invert(row: number, column: number): void {
    const at = row * this.size + column;
    this.#dark[at] = (this.#dark[at] ?? 0) ^ 1;
  }

  /** Squares around a centre, as far as they are on the page. */
  #ring(row: number, column: number, radius: number, isDark: (distance: number) => boolean): void {
    for (let down = -radius; down <= radius; down++) {
      for (let aside = -radius; aside <= radius; aside++) {
        const y = row + down;
        const x = column + aside;
        if (y < 0 || x < 0 || y >= this.size || x >= this.size) continue;
        this.fix(y, x, isDark(Math.max(Math.abs(down), Math.abs(aside))));
      }
    }
  }
}
