/** Serial number arithmetic (RFC 1982) for the 16-bit and 32-bit counters of RTP. */

/** Signed distance from `b` to `a`, in -32768..32767: positive when `a` is newer. */
export function seqDiff(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** Signed distance from `b` to `a` of 32-bit values, in -2^31..2^31-1: positive when `a` is newer. */
export function timestampDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/**
 * The extended (unwrapped) sequence number of `seq`, nearest to `reference`, an extended number
 * seen before. Works for references up to 2^53; may be negative before the first wrap.
 */
export function extendSeq(seq: number, reference: number): number {
  return reference + seqDiff(seq, reference & 0xffff);
}
