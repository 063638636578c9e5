/** A length of time as people say it. */

export function spokenTime(ms: number): { readonly minutes: number; readonly seconds: number } {
  const seconds = Math.floor(ms / 1_000);
  return { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
}

/** Whole per cent of the longest. */
export function shareOf(ms: number, longestMs: number): number {
  return longestMs <= 0 ? 0 : Math.round((ms * 100) / longestMs);
}
