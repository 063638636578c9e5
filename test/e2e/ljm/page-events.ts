/** Runs in the test page: what the library reported, for the tests to look at. */
import type { LibraryConference } from './library.ts';

export interface CallEvent {
  readonly type: string;
  /** Wall clock, ms since 1970: comparable between pages of one machine. */
  readonly atMs: number;
  /** The arguments as far as they are plain. */
  readonly args: readonly unknown[];
}

/** Conference events that tests look at. */
const WATCHED = [
  'CONFERENCE_JOINED',
  'CONFERENCE_LEFT',
  'CONFERENCE_FAILED',
  'CONFERENCE_ERROR',
  'USER_JOINED',
  'USER_LEFT',
  'USER_ROLE_CHANGED',
  'MESSAGE_RECEIVED',
  'PRIVATE_MESSAGE_RECEIVED',
  'KICKED',
  'PARTICIPANT_KICKED',
  'P2P_STATUS',
  'DOMINANT_SPEAKER_CHANGED',
  'DATA_CHANNEL_OPENED',
  'DATA_CHANNEL_CLOSED',
  'CONNECTION_INTERRUPTED',
  'CONNECTION_RESTORED',
  'CONNECTION_ESTABLISHED',
  'TRACK_MUTE_CHANGED',
  'LOCK_STATE_CHANGED',
  'MEMBERS_ONLY_CHANGED',
  'LOBBY_USER_JOINED',
  'LOBBY_USER_LEFT',
  'AV_MODERATION_CHANGED',
  'AV_MODERATION_APPROVED',
  'BREAKOUT_ROOMS_MOVE_TO_ROOM',
  'VISITORS_REJECTION',
  'PARTICIPANT_PROPERTY_CHANGED',
  'CONFERENCE_CREATED_TIMESTAMP',
] as const;

/** Oldest first. */
export const events: CallEvent[] = [];

export function record(type: string, args: readonly unknown[]): void {
  const plain = args.map((arg) => (typeof arg === 'object' ? undefined : arg));
  events.push({ type, atMs: Date.now(), args: plain });
}

/** Records what `joining` reports from now on; `names` are the library's. */
export function watch(joining: LibraryConference, names: Readonly<Record<string, string>>): void {
  for (const name of WATCHED) {
    const event = names[name];
    if (event !== undefined) joining.on(event, (...args) => record(name, args));
  }
  joining.on(names.START_MUTED_POLICY_CHANGED ?? '', (policy) =>
    record('START_MUTED_POLICY', [JSON.stringify(policy)]),
  );
  joining.on(names.ENDPOINT_MESSAGE_RECEIVED ?? '', (_, message) =>
    record('ENDPOINT_MESSAGE', [JSON.stringify(message)]),
  );
  joining.addCommandListener('follow-me', (values) =>
    record('FOLLOW_ME', [JSON.stringify((values as { attributes: unknown }).attributes)]),
  );
}
