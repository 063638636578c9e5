/** A QR code (ISO/IEC 18004, model 2, bytes, error correction level M) of a short text. */
import { codewordsOf } from './codewords.ts';
import { MASKS, penaltyOf } from './masks.ts';
import { Modules } from './modules.ts';
import { type QrVersion, versionFor } from './qr-versions.ts';

/** Level M and mask, corrected, and changed so that it is never all light (§7.9). */
const LEVEL_M = 0b00;
const FORMAT_GENERATOR = 0x537;
const FORMAT_MASK = 0x5412;
const VERSION_GENERATOR = 0x1f25;

/** Undefined for what is too long: more than 213 bytes in UTF-8. */
export function qrCodeOf(text: string): Modules | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  if (version === undefined) return undefined;
  const plain = Modules.withPatterns(version);
  drawVersion(plain, version);
  drawFormat(plain, 0); // keeps its place free
  plain.place(codewordsOf(bytes, version));
  const candidates = MASKS.map((isInverted, mask) => {
    const modules = plain.copy();
    for (const [row, column] of modules.free()) {
      if (isInverted(row, column)) modules.invert(row, column);
    }
    drawFormat(modules, mask);
    return { modules, penalty: penaltyOf(modules) };
  });
  return candidates.reduce((best, next) => (next.penalty < best.penalty ? next : best)).modules;
}

/** `value` followed by the bits of a BCH code with this generator. */
function withCheck(value: number, generator: number): number {
  const checkBits = 31 - Math.clz32(generator);
  let rest = value << checkBits;
  for (let bit = 31 - Math.clz32(rest); bit >= checkBits; bit = 31 - Math.clz32(rest)) {
    rest ^= generator << (bit - checkBits);
  }
  return (value << checkBits) | rest;
}

/** Beside all three corners, twice the same. */
function drawFormat(modules: Modules, mask: number): void {
  const { size } = modules;
  const format = withCheck((LEVEL_M << 3) | mask, FORMAT_GENERATOR) ^ FORMAT_MASK;
  for (let bit = 0; bit < 15; bit++) {
    const dark = ((format >> bit) & 1) === 1;
    // Around the corner at the top left, from the top to the left; the timing patterns are in between.
    if (bit < 8) modules.fix(bit < 6 ? bit : bit + 1, 8, dark);
    else modules.fix(8, bit < 9 ? 7 : 14 - bit, dark);
    // At the top right from the right, then at the bottom left downwards.
    if (bit < 8) modules.fix(8, size - 1 - bit, dark);
    else modules.fix(size - 15 + bit, 8, dark);
  }
  modules.fix(size - 8, 8, true);
}

/** Larger ones say how large they are, twice (§7.10). */
function drawVersion(modules: Modules, { version, size }: QrVersion): void {
  if (version < 7) return;
  const bits = withCheck(version, VERSION_GENERATOR);
  for (let bit = 0; bit < 18; bit++) {
    const dark = ((bits >> bit) & 1) === 1;
    const near = Math.floor(bit / 3);
    const far = size - 11 + (bit % 3);
    modules.fix(near, far, dark);
    modules.fix(far, near, dark);
  }
}
