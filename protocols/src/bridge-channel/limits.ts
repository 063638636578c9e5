/** Bounds on what a bridge channel message may hold; a message beyond them is refused whole. */
export const CHANNEL_LIMITS = {
  /** Characters of one message. */
  maxLength: 65_536,
  /** Nested objects and arrays, the message itself included. */
  maxDepth: 16,
  /** Entries of a list or map of sources or endpoints. */
  maxEntries: 500,
  /** Characters of a source name, endpoint id or class. */
  maxNameLength: 256,
} as const;

/**
 * Whether `text` nests deeper than `maxDepth`, told without building anything. Brackets inside
 * strings do not count. Says nothing about whether the text is JSON.
 */
export function nestsDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
