/**
 * The operations of the admin API, each once: the HTTP side dispatches by this table and the OpenAPI
 * description is written from it.
 */
import {
  act,
  mute,
  type Operation,
  REFUSALS,
  Refusal,
  roomToJson,
  show,
  withBody,
} from './operation.ts';
import { PROSODY_OPERATIONS } from './prosody-operations.ts';
import {
  DONE,
  END,
  KEEP,
  KEPT,
  KEPT_LIST,
  KICK,
  MUTE,
  MUTED,
  PASSWORD,
  ROOM,
  ROOM_LIST,
  SWITCH,
  WAITING,
} from './shapes.ts';

export const OPERATIONS: readonly Operation[] = [
  {
    id: 'listRooms',
    method: 'GET',
    path: '/v1/rooms',
    summary: 'All rooms, breakout rooms included.',
    result: ROOM_LIST,
    run: (target) => ({
      rooms: (target.administer((rooms) => rooms.list()) ?? []).map(roomToJson),
    }),
  },
  {
    id: 'showRoom',
    method: 'GET',
    path: '/v1/rooms/{room}',
    summary: 'One room and who is in it.',
    result: ROOM,
    run: (target, input) => {
      const { createdWallMs, subject, occupants, ...room } = show(target, input.room);
      return {
        ...roomToJson({ createdWallMs, ...room }),
        subject: subject ?? null,
        occupants: occupants.map(({ displayName, email, userId, ...occupant }) => ({
          ...occupant,
          displayName: displayName ?? null,
          email: email ?? null,
          userId: userId ?? null,
        })),
      };
    },
  },
  withBody({
    id: 'endRoom',
    method: 'POST',
    path: '/v1/rooms/{room}/end',
    summary: 'Ends the meeting for everybody.',
    body: END,
    result: DONE,
    run: (target, { room, body }) => act(target, (rooms) => rooms.end(room, body.reason)),
  }),
  withBody({
    id: 'setPassword',
    method: 'PUT',
    path: '/v1/rooms/{room}/password',
    summary: 'Locks the room with a password, or opens it. Who is inside stays.',
    body: PASSWORD,
    result: DONE,
    run: (target, { room, body }) =>
      act(target, (rooms) => rooms.setPassword(room, body.password || undefined)),
  }),
  withBody({
    id: 'setLobby',
    method: 'PUT',
    path: '/v1/rooms/{room}/lobby',
    summary: 'Switches the lobby on or off.',
    body: SWITCH,
    result: DONE,
    run: (target, { room, body }) => act(target, (rooms) => rooms.setLobby(room, body.enabled)),
  }),
  {
    id: 'listWaiting',
    method: 'GET',
    path: '/v1/rooms/{room}/lobby',
    summary: 'Who waits in the lobby to be let in.',
    result: WAITING,
    run: (target, { room }) => {
      const waiting = target.administer((rooms) => rooms.waiting(room));
      if (waiting === undefined) throw new Refusal(...REFUSALS['no-such-room']);
      return {
        waiting: waiting.map(({ id, displayName, email, userId }) => ({
          id,
          displayName: displayName ?? null,
          email: email ?? null,
          userId: userId ?? null,
        })),
      };
    },
  },
  {
    id: 'admit',
    method: 'POST',
    path: '/v1/rooms/{room}/lobby/{occupant}/admit',
    summary: 'Lets somebody in who waits in the lobby.',
    result: DONE,
    run: (target, { room, occupant }) => act(target, (rooms) => rooms.admit(room, occupant)),
  },
  {
    id: 'deny',
    method: 'POST',
    path: '/v1/rooms/{room}/lobby/{occupant}/deny',
    summary: 'Sends somebody away who waits in the lobby.',
    result: DONE,
    run: (target, { room, occupant }) => act(target, (rooms) => rooms.deny(room, occupant)),
  },
  withBody({
    id: 'muteAll',
    method: 'POST',
    path: '/v1/rooms/{room}/mute',
    summary: 'Mutes everybody. People may unmute themselves, unless AV moderation is on.',
    body: MUTE,
    result: MUTED,
    run: (target, { room, body }) => mute(target, room, undefined, body.media),
  }),
  withBody({
    id: 'kickOccupant',
    method: 'POST',
    path: '/v1/rooms/{room}/occupants/{occupant}/kick',
    summary: 'Removes somebody from the room, and with `ban` keeps the person away.',
    body: KICK,
    result: DONE,
    run: (target, { room, occupant, body }) =>
      act(target, (rooms) => rooms.kick(room, occupant, body.reason, body.ban)),
  }),
  withBody({
    id: 'muteOccupant',
    method: 'POST',
    path: '/v1/rooms/{room}/occupants/{occupant}/mute',
    summary: 'Mutes somebody. Nobody can be unmuted by others.',
    body: MUTE,
    result: MUTED,
    run: (target, { room, occupant, body }) => mute(target, room, occupant, body.media),
  }),
  withBody({
    id: 'setModerator',
    method: 'PUT',
    path: '/v1/rooms/{room}/occupants/{occupant}/moderator',
    summary: 'Makes somebody a moderator, or no longer one.',
    body: SWITCH,
    result: DONE,
    run: (target, { room, occupant, body }) =>
      act(target, (rooms) => rooms.setModerator(room, occupant, body.enabled)),
  }),
  {
    id: 'listKeptRooms',
    method: 'GET',
    path: '/v1/kept-rooms',
    summary: 'The rooms that are kept between meetings.',
    result: KEPT_LIST,
    run: (target) => ({ rooms: target.administer((rooms) => rooms.listKept()) ?? [] }),
  },
  {
    id: 'showKeptRoom',
    method: 'GET',
    path: '/v1/kept-rooms/{room}',
    summary: 'What is kept of a room. Its password is not told.',
    result: KEPT,
    run: (target, { room }) => {
      const kept = target.administer((rooms) => rooms.showKept(room));
      if (kept === undefined) throw new Refusal(...REFUSALS['no-such-kept-room']);
      const { password, subject, maxOccupants, ...rest } = kept;
      return {
        ...rest,
        isLocked: password !== undefined,
        subject: subject ?? null,
        maxOccupants: maxOccupants ?? null,
      };
    },
  },
  withBody({
    id: 'keepRoom',
    method: 'PUT',
    path: '/v1/kept-rooms/{room}',
    summary: 'Keeps a room with these settings, also before its first meeting.',
    body: KEEP,
    result: DONE,
    run: (target, { room, body }) => {
      const { password, subject, maxOccupants, hasLobby = false, moderators = [] } = body;
      return act(target, (rooms) =>
        rooms.keep(room, {
          hasLobby,
          moderators,
          ...(password && { password }),
          ...(subject && { subject }),
          ...(maxOccupants && { maxOccupants }),
        }),
      );
    },
  }),
  {
    id: 'forgetRoom',
    method: 'DELETE',
    path: '/v1/kept-rooms/{room}',
    summary: 'Keeps a room no longer. A meeting under way goes on as it is.',
    result: DONE,
    run: (target, { room }) => act(target, (rooms) => rooms.forget(room)),
  },
  ...PROSODY_OPERATIONS,
];
