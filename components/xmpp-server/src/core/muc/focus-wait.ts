/**
 * Joins that are earlier than the focus wait for it, in order and bounded: a client cannot know when
 * the focus is in, and its request to the focus is only answered afterwards.
 */
import type { StanzaError } from '@conclave/protocols/xmpp';
import type { Deadline } from '../deadlines.ts';
import { JOIN_ORDER, type JoinAttempt } from './hooks.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

interface Waiting {
  readonly attempt: JoinAttempt;
  readonly deadline: Deadline;
}

/** COMPAT: with this text clients repeat their conference request and join, up to three times. */
export const NO_ROOM: StanzaError = {
  condition: 'not-allowed',
  text: 'Room creation is restricted',
};

export class FocusWait {
  readonly #rooms: Rooms;
  readonly #joinAgain: (attempt: JoinAttempt) => void;
  readonly #refuse: (attempt: JoinAttempt, error: StanzaError) => void;
  /** By bare room JID, then by the waiting client's full JID. */
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  /** Rooms each client waits for. */
  readonly #roomsOf = new Map<string, Set<string>>();

  constructor(
    rooms: Rooms,
    joinAgain: (attempt: JoinAttempt) => void,
    refuse: (attempt: JoinAttempt, error: StanzaError) => void,
  ) {
    this.#rooms = rooms;
    this.#joinAgain = joinAgain;
    this.#refuse = refuse;
    rooms.hooks.preJoin.add(JOIN_ORDER.focus, ({ attempt, room }) => {
      if (rooms.isOwnerDomain(attempt.sender.jid.domain) || this.#hasFocus(room)) return undefined;
      const error = this.add(attempt);
      return error === undefined ? { type: 'wait' } : { type: 'refuse', error };
    });
    rooms.hooks.occupantJoined.add(1000, ({ room, occupant }) => {
      if (occupant.realJid.bare === rooms.core.options.focusJid) this.#release(room);
    });
  }

  /** Queues `attempt`, replacing an earlier one of the same client; an error when there is no place. */
  add(attempt: JoinAttempt): StanzaError | undefined {
    const { core } = this.#rooms;
    const roomJid = attempt.to.bare;
    const client = attempt.sender.jid.full;
    this.remove(roomJid, client);
    const queue = this.#waiting.get(roomJid) ?? new Map<string, Waiting>();
    if (queue.size >= core.options.limits.maxWaitingJoins) {
      return { condition: 'service-unavailable', text: 'Too many people are waiting to enter' };
    }
    const deadline = core.deadlines.at(core.nowMs + core.options.focusWaitMs, () => {
      this.remove(roomJid, client);
      this.#refuse(attempt, NO_ROOM);
    });
    queue.set(client, { attempt, deadline });
    this.#waiting.set(roomJid, queue);
    const roomsOf = this.#roomsOf.get(client) ?? new Set<string>();
    this.#roomsOf.set(client, roomsOf.add(roomJid));
    core.metrics.waitingJoins++;
    return undefined;
  }

  isWaiting(roomJid: string, client: string): boolean {
    return this.#waiting.get(roomJid)?.has(client) === true;
  }

  /** Whether it was waiting. */
  remove(roomJid: string, client: string): boolean {
    const queue = this.#waiting.get(roomJid);
    const waiting = queue?.get(client);
    if (queue === undefined || waiting === undefined) return false;
    waiting.deadline.cancel();
    queue.delete(client);
    if (queue.size === 0) this.#waiting.delete(roomJid);
    const roomsOf = this.#roomsOf.get(client);
    roomsOf?.delete(roomJid);
    if (roomsOf?.size === 0) this.#roomsOf.delete(client);
    this.#rooms.core.metrics.waitingJoins--;
    return true;
  }

  /** The client is gone. */
  removeAll(client: string): void {
    for (const roomJid of [...(this.#roomsOf.get(client) ?? [])]) this.remove(roomJid, client);
  }

  /** How many rooms the client waits for. */
  countOf(client: string): number {
    return this.#roomsOf.get(client)?.size ?? 0;
  }

  #hasFocus(room: Room): boolean {
    for (const occupant of room.occupants.values()) {
      if (occupant.realJid.bare === this.#rooms.core.options.focusJid) return true;
    }
    return false;
  }

  #release(room: Room): void {
    const queue = this.#waiting.get(room.jid.bare);
    if (queue === undefined) return;
    for (const { attempt } of [...queue.values()]) {
      this.remove(room.jid.bare, attempt.sender.jid.full);
      // Each as its own input: one that fails does not keep the rest out.
      const { core } = this.#rooms;
      core.inputs.push(
        () => this.#joinAgain(attempt),
        (error) => {
          core.metrics.internalErrors++;
          core.logger.error('muc.join.failed', { room: room.jid.bare, error });
          this.#refuse(attempt, { condition: 'internal-server-error' });
        },
      );
    }
  }
}
