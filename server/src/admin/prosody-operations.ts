/** Operations under the paths, and in the words, of Prosody's and Jitsi's own modules, for programs that ask those. */
import { act, type Operation, REFUSALS, Refusal, show, withBody } from './operation.ts';
import {
  CENSUS,
  DONE,
  KICK_PARTICIPANT,
  OCCUPANTS,
  PASSCODE,
  ROOM_INFO,
  SESSIONS,
  SIZE,
  SYSTEM_MESSAGE,
  VALID,
} from './shapes.ts';

export const PROSODY_OPERATIONS: readonly Operation[] = [
  {
    id: 'roomCensus',
    method: 'GET',
    path: '/room-census',
    summary: 'All rooms, as Prosody tells them to those who use its module `muc_census`.',
    result: CENSUS,
    run: (target) => ({
      room_census: (target.administer((rooms) => rooms.list()) ?? [])
        .filter(({ kind }) => kind === 'conference')
        .map((room) => ({
          room_name: room.jid,
          participants: room.participants,
          created_time: String(room.createdWallMs),
        })),
    }),
  },
  {
    id: 'roomSize',
    method: 'GET',
    path: '/room-size',
    summary: 'How many people are in a room, as Prosody’s module `muc_size` tells it.',
    roomInQuery: 'room',
    result: SIZE,
    run: (target, { room }) => ({ participants: show(target, room).participants }),
  },
  {
    id: 'roomOccupants',
    method: 'GET',
    path: '/room',
    summary: 'Who is in a room, as Prosody’s module `muc_size` tells it.',
    roomInQuery: 'room',
    result: OCCUPANTS,
    run: (target, { room }) =>
      show(target, room).occupants.map(({ id, email, displayName }) => ({
        jid: `${room}/${id}`,
        ...(email !== undefined && { email }),
        ...(displayName !== undefined && { display_name: displayName }),
      })),
  },
  {
    id: 'sessionCount',
    method: 'GET',
    path: '/sessions',
    summary: 'How many clients are connected, as Prosody’s module `muc_size` tells it.',
    result: SESSIONS,
    run: (target) => target.administer((rooms) => rooms.sessionCount()) ?? 0,
  },
  {
    id: 'endMeeting',
    method: 'POST',
    path: '/end-meeting',
    summary:
      'Ends a meeting, as Jitsi’s module `muc_end_meeting` does; with `silent-reconnect=true` clients come back by themselves.',
    roomInQuery: 'conference',
    result: DONE,
    run: (target, { room, query }) => {
      const comesBack = query.get('silent-reconnect') === 'true';
      return act(target, (rooms) => rooms.end(room, undefined, comesBack));
    },
  },
  withBody({
    id: 'kickParticipant',
    method: 'PUT',
    path: '/kick-participant',
    summary: 'Removes somebody, as Jitsi’s module `muc_kick_participant` does.',
    roomInQuery: 'room',
    body: KICK_PARTICIPANT,
    result: DONE,
    run: (target, { room, body }) =>
      act(target, (rooms) => rooms.kick(room, body.participantId, undefined)),
  }),
  {
    id: 'roomInfo',
    method: 'GET',
    path: '/room-info',
    summary: 'Whether a room has a password or a lobby, as Jitsi’s `muc_password_check` tells it.',
    roomInQuery: 'room',
    result: ROOM_INFO,
    run: (target, { room }) => {
      const { jid, isLocked, hasLobby } = show(target, room);
      return { conference: jid, passcodeProtected: isLocked, lobbyEnabled: hasLobby };
    },
  },
  withBody({
    id: 'checkPasscode',
    method: 'PUT',
    path: '/room-info',
    summary: 'Whether this is the password of the room, as Jitsi’s `muc_password_check` tells it.',
    roomInQuery: 'room',
    body: PASSCODE,
    result: VALID,
    run: (target, { room, body }) => {
      const valid = target.administer((rooms) => rooms.isPassword(room, body.passcode));
      if (valid === undefined) throw new Refusal(...REFUSALS['no-such-room']);
      return { valid };
    },
  }),
  withBody({
    id: 'sendSystemMessage',
    method: 'POST',
    path: '/send-system-chat-message',
    summary: 'Words of the server in the chat, as Jitsi’s module `system_chat_message` sends them.',
    body: SYSTEM_MESSAGE,
    result: DONE,
    run: (target, { body }) => {
      const { room, connectionJIDs, ...words } = body;
      return act(target, (rooms) => rooms.tell(room, words, connectionJIDs));
    },
  }),
];
