/** How people write a length of time: `90s`, `15m`, `1h`, `7d`. */

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const MAX_S = 10 * 366 * 86_400;

/** Seconds; undefined for anything else, for nothing and for more than ten years. */
export function readDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(digits) * (SECONDS[unit] ?? Number.NaN);
  return seconds > 0 && seconds <= MAX_S ? seconds : undefined;
}
