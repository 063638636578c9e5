/**
 * Who a session belongs to, as far as its login told: what others see of it and what it may do. The
 * rooms and their features ask this, never the token or the account itself.
 */
import type { Jid, StanzaError } from '@conclave/protocols/xmpp';

/** Shown to the others in presence. */
export interface IdentityUser {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly avatar?: string;
  /** Recordings leave this person out. */
  readonly hiddenFromRecorder?: boolean;
}

/** How a meeting is to be when this person opens it. */
export interface LoginRoomSettings {
  readonly hasLobby?: boolean;
  readonly password?: string;
  /** People, 1 or more. */
  readonly maxOccupants?: number;
}

export interface Identity {
  /** False for guests. */
  readonly isAuthenticated: boolean;
  /** Name of the account logged in to, also in its JID; undefined for guests and tokens. */
  readonly account?: string;
  /**
   * It came with a token of the account, as a guest of XMPP: its JID has an invented name, from which Jitsi's clients
   * take their nick.
   */
  readonly hasInventedName?: boolean;
  /** A log-in at another site, by whose end there it ends. */
  readonly providerLogin?: { readonly subject: string; readonly session?: string };
  readonly user?: IdentityUser;
  readonly group?: string;
  /** Whether it leads the rooms it enters; undefined when the login says nothing about that. */
  readonly isModerator: boolean | undefined;
  /** What it may use, by Jitsi's names (`recording` …); undefined when its role decides. */
  readonly features: Readonly<Record<string, boolean>> | undefined;
  readonly roomSettings?: LoginRoomSettings;
  /** It need not wait in lobbies. */
  readonly passesLobbies?: boolean;
  /** Why it may not enter `room` (a bare JID); undefined when it may. */
  refuseRoom(room: Jid): StanzaError | undefined;
}

/** Anybody: no name of its own, no rights, and every room is open to it. */
export const ANONYMOUS: Identity = {
  isAuthenticated: false,
  isModerator: undefined,
  features: undefined,
  refuseRoom: () => undefined,
};

/** What names a person over many logins; an application's ids are not accounts of ours. */
export function loginOf({ isAuthenticated, account, user }: Identity): string | undefined {
  if (!isAuthenticated) return undefined;
  if (account !== undefined) return `account:${account}`;
  return user?.id === undefined ? undefined : `token:${user.id}`;
}
