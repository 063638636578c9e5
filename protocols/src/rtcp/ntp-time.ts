/**
 * NTP timestamps of sender reports (RFC 3550 §4): seconds since 1900 and a 32-bit fraction, and
 * their middle 32 bits ("compact", 1/65536 s), which LSR and DLSR use. No BigInt, no allocation.
 */

/** Seconds from 1900-01-01 to 1970-01-01. */
const NTP_UNIX_OFFSET_S = 2_208_988_800;
const TWO_32 = 4_294_967_296;

/** Seconds part of Unix time `wallMs`, modulo 2^32 (it wraps in 2036). */
export function ntpSeconds(wallMs: number): number {
  return ((Math.floor(wallMs / 1000) + NTP_UNIX_OFFSET_S) % TWO_32) >>> 0;
}

/** Fraction part of Unix time `wallMs`, in 1/2^32 s. */
export function ntpFraction(wallMs: number): number {
  const ms = wallMs - Math.floor(wallMs / 1000) * 1000;
  return Math.floor((ms / 1000) * TWO_32) >>> 0;
}

/** The middle 32 bits of a full timestamp (RFC 3550 §6.4.1, LSR). */
export function compactNtp(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/** Unix time in milliseconds, of the era that began in 1900 up to 2036 and of the next one for smaller values. */
export function unixMsFromNtp(seconds: number, fraction: number): number {
  // The era: a value in the lower half (before 1968) can only be after the wrap of 2036.
  const era = seconds < 0x8000_0000 ? TWO_32 : 0;
  return (seconds + era - NTP_UNIX_OFFSET_S) * 1000 + (fraction / TWO_32) * 1000;
}

/** A span in compact units (1/65536 s) as milliseconds; `compact` is 0..2^32-1. */
export function compactNtpToMs(compact: number): number {
  return (compact / 65_536) * 1000;
}

/** A span of milliseconds in compact units, limited to 0..2^32-1 (18 hours). */
export function compactNtpFromMs(spanMs: number): number {
  const units = Math.round((spanMs / 1000) * 65_536);
  return units <= 0 ? 0 : Math.min(units, 0xffff_ffff);
}

/**
 * Round-trip time from a report block (RFC 3550 §6.4.1, figure 2): arrival time `nowCompact` minus
 * `lastSr` minus `delaySinceLastSr`, in milliseconds. Undefined when the other side had no SR, or
 * the result would be negative or above a minute (clock step, nonsense).
 */
export function roundTripTimeMs(
  nowCompact: number,
  lastSr: number,
  delaySinceLastSr: number,
): number | undefined {
  if (lastSr === 0) return undefined;
  const units = (nowCompact - lastSr - delaySinceLastSr) | 0;
  if (units < 0 || units > 60 * 65_536) return undefined;
  return compactNtpToMs(units);
}
