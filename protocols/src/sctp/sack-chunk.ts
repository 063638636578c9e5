/** SACK (RFC 9260 §3.3.4): what has arrived. */
import { viewOf } from './chunk.ts';

const FIXED_BYTES = 12;
/** Of what others report. */
const MAX_GAPS = 1024;

/** TSNs that arrived beyond a gap, as distances from `cumulativeTsn`, both ends included. */
export interface GapBlock {
  readonly start: number;
  readonly end: number;
}

export interface SackChunk {
  /** Everything up to here arrived. */
  readonly cumulativeTsn: number;
  /** Room that is left at the receiver. */
  readonly windowBytes: number;
  readonly gaps: readonly GapBlock[];
  readonly duplicates: readonly number[];
}

/** Undefined when cut off or when blocks are not in order. */
export function parseSackChunk(value: Uint8Array): SackChunk | undefined {
  if (value.length < FIXED_BYTES) return undefined;
  const view = viewOf(value);
  const gapCount = view.getUint16(8);
  const duplicateCount = view.getUint16(10);
  if (gapCount > MAX_GAPS || value.length < FIXED_BYTES + 4 * (gapCount + duplicateCount)) {
    return undefined;
  }
  const gaps: GapBlock[] = [];
  let last = 0;
  for (let i = 0; i < gapCount; i++) {
    const start = view.getUint16(FIXED_BYTES + 4 * i);
    const end = view.getUint16(FIXED_BYTES + 4 * i + 2);
    if (start <= last || end < start) return undefined;
    gaps.push({ start, end });
    last = end;
  }
  // What arrived twice tells nothing that we act on.
  return {
    cumulativeTsn: view.getUint32(0),
    windowBytes: view.getUint32(4),
    gaps,
    duplicates: [],
  };
}

export function writeSackChunk(sack: SackChunk): Uint8Array {
  const { gaps, duplicates } = sack;
  const value = new Uint8Array(FIXED_BYTES + 4 * (gaps.length + duplicates.length));
  const view = viewOf(value);
  view.setUint32(0, sack.cumulativeTsn);
  view.setUint32(4, sack.windowBytes);
  view.setUint16(8, gaps.length);
  view.setUint16(10, duplicates.length);
  gaps.forEach(({ start, end }, i) => {
    view.setUint16(FIXED_BYTES + 4 * i, start);
    view.setUint16(FIXED_BYTES + 4 * i + 2, end);
  });
  duplicates.forEach((tsn, i) => {
    view.setUint32(FIXED_BYTES + 4 * (gaps.length + i), tsn);
  });
  return value;
}
