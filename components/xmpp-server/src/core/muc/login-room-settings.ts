/**
 * What the log-in of a moderator says about the room it opens (a token's `context.room`): lobby,
 * password, number of people. It counts for the first such person in a meeting; what moderators change
 * afterwards stays changed. And who passes lobbies by its log-in.
 */

import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

export function addLoginRoomSettings(rooms: Rooms): void {
  const { hooks } = rooms;
  const settled = new WeakSet<Room>();

  hooks.occupantAdmitted.add(100, ({ room, occupant }) => {
    const { isModerator, roomSettings } = occupant.recipient.identity;
    if (roomSettings === undefined || isModerator !== true || settled.has(room)) return undefined;
    settled.add(room);
    const { password, hasLobby, maxOccupants } = roomSettings;
    // What a kept room has is its owner's decision.
    if (password !== undefined) room.password ??= password;
    if (maxOccupants !== undefined) room.maxOccupants ??= maxOccupants;
    if (hasLobby === true && !room.isMembersOnly && !hooks.membersOnlyChanged.isEmpty) {
      room.isMembersOnly = true;
      hooks.membersOnlyChanged.run({ room, occupant });
    }
    return undefined;
  });

  hooks.lobbyBypass.add(100, ({ attempt }) => attempt.sender.identity.passesLobbies);
}
