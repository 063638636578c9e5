/** Serial numbers of 32 bits, which wrap (RFC 1982, RFC 9260 §1.6). */

/** How far `tsn` is ahead of `other`; negative when it is behind. */
export function tsnDistance(tsn: number, other: number): number {
  return (tsn - other) | 0;
}

export function nextTsn(tsn: number): number {
  return (tsn + 1) >>> 0;
}

export function previousTsn(tsn: number): number {
  return (tsn - 1) >>> 0;
}
