/** A tone per participant: frequency from number and back. Far enough apart to tell in any codec. */

const LOWEST_HZ = 400;
const STEP_HZ = 150;
const TOLERANCE_HZ = 40;

/** The tone of participant `number` (0..20), in Hz; all lie between 400 and 3400. */
export function toneHzOf(number: number): number {
  return LOWEST_HZ + number * STEP_HZ;
}

/** Whose tone `hz` is, or undefined when it is nobody's. */
export function numberOfTone(hz: number): number | undefined {
  const number = Math.round((hz - LOWEST_HZ) / STEP_HZ);
  const isNear = Math.abs(hz - toneHzOf(number)) <= TOLERANCE_HZ;
  return number >= 0 && isNear ? Math.abs(number) : undefined; // never -0
}

/**
 * The numbers whose tones stand out in a spectrum of `levelsDb` (dB per bin of `binHz` Hz):
 * the strongest within 20 dB of the loudest, above `floorDb`.
 */
export function numbersInSpectrum(
  levelsDb: ArrayLike<number>,
  binHz: number,
  floorDb = -60,
): number[] {
  let loudestDb = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < levelsDb.length; i++)
    loudestDb = Math.max(loudestDb, levelsDb[i] ?? loudestDb);
  const numbers = new Set<number>();
  for (let i = 1; i < levelsDb.length - 1; i++) {
    const level = levelsDb[i] ?? floorDb;
    const isPeak = level >= (levelsDb[i - 1] ?? 0) && level > (levelsDb[i + 1] ?? 0);
    if (!isPeak || level < floorDb || level < loudestDb - 20) continue;
    const number = numberOfTone(i * binHz);
    if (number !== undefined) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}
