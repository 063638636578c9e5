/** Where rooms that are kept between meetings are remembered. The server gives one that survives a restart. */

/** The settings of a room, whether somebody is in it or not. */
export interface KeptRoom {
  /** Absent: no password. */
  readonly password?: string;
  /** People wait until they are let in. */
  readonly hasLobby: boolean;
  readonly subject?: string;
  /** `account:NAME`, or `token:ID` with the `user.id` of a token, of those who lead it; when there are some nobody else becomes moderator by being first. */
  readonly moderators: readonly string[];
  /** Absent: as many people as the server allows. */
  readonly maxOccupants?: number;
}

/** By bare JID. Calls are synchronous and rare: at the first moment of a meeting, at joins of people who logged in, at changes. */
export interface RoomStore {
  find(jid: string): KeptRoom | undefined;
  /** False when there are too many. */
  save(jid: string, room: KeptRoom): boolean;
  /** Whether there was one. */
  remove(jid: string): boolean;
  list(): readonly string[];
}
