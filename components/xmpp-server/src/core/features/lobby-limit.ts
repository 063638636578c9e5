/** How many people wait in a lobby at most. Who comes then is told so, and moderators are, once until there is room again. */
import { JOIN_ORDER, type JoinEvent, type JoinVerdict } from '../muc/hooks.ts';
import type { Room } from '../muc/room.ts';
import type { Rooms } from '../muc/rooms.ts';
import { tellRoom } from '../muc/system-words.ts';

const FULL: JoinVerdict = {
  type: 'refuse',
  // COMPAT: with `service-unavailable`, as in conferences that are full, Jitsi's clients would wait for ever.
  error: {
    condition: 'resource-constraint',
    text: 'Too many people are waiting to be let in. Try again later.',
  },
};

export function addLobbyLimit(
  lobbies: Rooms,
  conferenceOf: (lobby: Room) => Room | undefined,
): void {
  const { maxOccupants } = lobbies.core.options.limits;
  /** Those whose moderators know that they are full. */
  const full = new WeakSet<Room>();
  const limit = ({ room, affiliation }: JoinEvent): JoinVerdict | undefined => {
    // Moderators find room, to let people in or send them away.
    if (affiliation === 'owner' || room.occupants.size < maxOccupants) return undefined;
    if (waitingIn(room) < maxOccupants) return undefined;
    const conference = conferenceOf(room);
    if (conference !== undefined && !full.has(room)) {
      full.add(room);
      const message = `The lobby is full: ${maxOccupants} people are waiting. Others are turned away until you let some of them in, or send them away.`;
      tellRoom(conference, { message }, ({ isModerator }) => isModerator);
    }
    return FULL;
  };
  lobbies.hooks.preJoin.add(JOIN_ORDER.affiliation + 2, limit);
  lobbies.hooks.occupantLeft.add(300, ({ room }) => {
    // Not when a single one leaves, or there would be no end of news.
    if (full.has(room) && waitingIn(room) <= maxOccupants * 0.9) full.delete(room);
    return undefined;
  });
}

function waitingIn(lobby: Room): number {
  let waiting = 0;
  for (const { isModerator } of lobby.occupants.values()) if (!isModerator) waiting++;
  return waiting;
}
