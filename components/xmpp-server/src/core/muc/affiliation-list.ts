/** Who stands how in a room (XEP-0045 §5.2): the list, which outlives its people and has an end. */
import type { Affiliation } from '@conclave/protocols/xmpp';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/**
 * Notes the affiliation of a bare JID, without telling anybody. When the list is full, the member who was put on it
 * first and is not here loses the place. False when there is none.
 */
export function listAffiliation(
  { core }: Pick<Rooms, 'core'>,
  room: Room,
  bareJid: string,
  affiliation: Affiliation,
): boolean {
  const { affiliations } = room;
  if (affiliation === 'none') {
    affiliations.delete(bareJid);
    return true;
  }
  const isFull = affiliations.size >= core.options.limits.maxAffiliations;
  if (isFull && !affiliations.has(bareJid)) {
    const absent = firstAbsentMember(room);
    if (absent === undefined) return false;
    affiliations.delete(absent);
  }
  affiliations.set(bareJid, affiliation);
  return true;
}

function firstAbsentMember({ affiliations, occupants }: Room): string | undefined {
  const present = new Set([...occupants.values()].map(({ realJid }) => realJid.bare));
  for (const [bareJid, affiliation] of affiliations) {
    if (affiliation === 'member' && !present.has(bareJid)) return bareJid;
  }
  return undefined;
}
