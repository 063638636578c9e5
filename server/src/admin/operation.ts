/** What an operation of the admin API is, and what most of them share. */
import type { Administration, AdminRefusal, AdminResult, RoomSummary } from '@conclave/xmpp-server';
import type { Schema } from './schema.ts';

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
  /** Parameters of the URL. */
  readonly query: URLSearchParams;
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
  readonly roomInQuery?: 'room' | 'conference';
  readonly body?: Schema<unknown>;
  readonly result: Schema<unknown>;
  /** Returns the result; throws Refusal. */
  run(target: AdminTarget, input: OperationInput<unknown>): unknown;
}

/** Ties the type of the body to its schema. */
export function withBody<B>(
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

export const REFUSALS: Readonly<Record<AdminRefusal, readonly [status: number, detail: string]>> = {
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

export function act(target: AdminTarget, run: (rooms: Administration) => AdminResult): unknown {
  const result = target.administer(run);
  if (result === undefined) throw new Refusal(500, 'It failed; the log of the server says why.');
  if (result === 'done') return { done: true };
  throw new Refusal(...REFUSALS[result]);
}

export function mute(
  target: AdminTarget,
  room: string,
  occupant: string | undefined,
  media: readonly MuteMedia[],
): unknown {
  const muted = target.mute(room, occupant, media);
  if (muted !== undefined) return { muted };
  throw new Refusal(...REFUSALS[occupant === undefined ? 'no-such-room' : 'no-such-occupant']);
}

export function roomToJson({ createdWallMs, tenant, ...room }: RoomSummary) {
  return { ...room, tenant: tenant ?? null, createdAt: new Date(createdWallMs).toISOString() };
}

export function show(target: AdminTarget, jid: string) {
  const room = target.administer((rooms) => rooms.show(jid));
  if (room === undefined) throw new Refusal(...REFUSALS['no-such-room']);
  return room;
}
