/**
 * The operations of the admin API, each once: the HTTP side dispatches by this table and the OpenAPI
 * description is written from it.
 */
import type { Administration, AdminRefusal, AdminResult, RoomSummary } from '@conclave/xmpp-server';
import type { Schema } from './schema.ts';
import {
  CENSUS,
  DONE,
  END,
  KEEP,
  KEPT,
  KEPT_LIST,
  KICK,
  MUTE,
  MUTED,
  OCCUPANTS,
  PASSWORD,
  ROOM,
  ROOM_LIST,
  SIZE,
  SWITCH,
} from './shapes.ts';

export type MuteMedia = 'audio' | 'video' | 'desktop';

/** What the API acts on. */
export interface AdminTarget {
  /** Undefined when `act` failed. */
  administer<T>(act: (rooms: Administration) => T): T | undefined;
  /** The number of people whom it concerned; undefined when there is no such conference or person. */
  mute(
    room: string,
    endpointId: string | undefined,
    media: readonly MuteMedia[],
  ): number | undefined;
  /** Rooms named without a domain are here. */
  readonly mucDomain: string;
}

export interface OperationInput<Body> {
  /** Bare JID of the room in the path or in the query. */
  readonly room: string;
  readonly occupant: string;
  readonly body: Body;
}

export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{room}` and `{occupant}` stand for one segment each. */
  readonly path: string;
  readonly summary: string;
  /** Query parameter that names the room, instead of the path. */
  readonly roomInQuery?: true;
  readonly body?: Schema<unknown>;
  readonly result: Schema<unknown>;
  /** Returns the result; throws Refusal. */
  run(target: AdminTarget, input: OperationInput<unknown>): unknown;
}

/** Ties the type of the body to its schema. */
function withBody<B>(
  operation: Omit<Operation, 'run' | 'body'> & {
    readonly body: Schema<B>;
    run(target: AdminTarget, input: OperationInput<B>): unknown;
  },
): Operation {
  return {
    ...operation,
    run: (target, input) => operation.run(target, { ...input, body: input.body as B }),
  };
}

const REFUSALS: Readonly<Record<AdminRefusal, readonly [status: number, detail: string]>> = {
  'no-such-room': [404, 'There is no such room now.'],
  'no-such-occupant': [404, 'There is nobody of this id in the room.'],
  'not-a-person': [409, 'That occupant is a service, not a person.'],
  'password-too-long': [400, 'The password is too long.'],
  'no-lobby-on-this-server': [409, 'This server has no lobby: ENABLE_LOBBY is off.'],
  'list-full': [409, 'The list of members of this room is full.'],
  'rooms-not-kept': [409, 'This server keeps no rooms.'],
  'too-many-kept-rooms': [409, 'Too many rooms are kept.'],
  'no-such-kept-room': [404, 'This room is not kept.'],
};

function act(target: AdminTarget, run: (rooms: Administration) => AdminResult): unknown {
  const result = target.administer(run);
  if (result === undefined) throw new Refusal(500, 'It failed; the log of the server says why.');
  if (result === 'done') return { done: true };
  throw new Refusal(...REFUSALS[result]);
}

function mute(
  target: AdminTarget,
  room: string,
  occupant: string | undefined,
  media: readonly MuteMedia[],
): unknown {
  const muted = target.mute(room, occupant, media);
  if (muted !== undefined) return { muted };
  throw new Refusal(...REFUSALS[occupant === undefined ? 'no-such-room' : 'no-such-occupant']);
}

function roomToJson({ createdWallMs, tenant, ...room }: RoomSummary) {
  return { ...room, tenant: tenant ?? null, createdAt: new Date(createdWallMs).toISOString() };
}

function show(target: AdminTarget, jid: string) {
  const room = target.administer((rooms) => rooms.show(jid));
  if (room === undefined) throw new Refusal(...REFUSALS['no-such-room']);
  return room;
}

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
    roomInQuery: true,
    result: SIZE,
    run: (target, { room }) => ({ participants: show(target, room).participants }),
  },
  {
    id: 'roomOccupants',
    method: 'GET',
    path: '/room',
    summary: 'Who is in a room, as Prosody’s module `muc_size` tells it.',
    roomInQuery: true,
    result: OCCUPANTS,
    run: (target, { room }) =>
      show(target, room).occupants.map(({ id, email, displayName }) => ({
        jid: `${room}/${id}`,
        ...(email !== undefined && { email }),
        ...(displayName !== undefined && { display_name: displayName }),
      })),
  },
];
