/** How many messages came since the panel was last open. */
import type { ChatEntry } from '@conclave/sdk';

/** @param seenId id of the newest entry that was seen, undefined for none */
export function unreadCount(entries: readonly ChatEntry[], seenId: string | undefined): number {
  let count = 0;
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (entry === undefined || entry.id === seenId) break;
    if (entry.type === 'message' && !entry.own) count++;
  }
  return count;
}
