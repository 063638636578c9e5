/**
 * Rooms that must be reserved elsewhere (COMPAT: Jitsi's reservation API): before a conference starts an
 * external system is asked, what it says about the room is put into force, and it learns when the
 * conference is over.
 */
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  dataFormToXml,
  type FormField,
  type Jid,
  NS,
  type StanzaError,
} from '@conclave/protocols/xmpp';

export interface Reservation {
  /** By which it is given back. */
  readonly id: string;
  /** Unix time, ms; absent: without end. */
  readonly endWallMs?: number;
  readonly maxOccupants?: number;
  readonly hasLobby?: boolean;
  readonly password?: string;
}

export type BookingResult =
  | { readonly type: 'booked'; readonly reservation: Reservation }
  /** `code` is the status of the system's answer; `text` is shown to people. */
  | { readonly type: 'refused'; readonly code: number; readonly text: string };

/** How the core reaches the system. `done` is called exactly once, later, never inline. */
export interface ReservationLink {
  book(room: Jid, realJid: string, done: (result: BookingResult) => void): void;
  /** The conference is over. */
  release(id: string): void;
}

export interface ReservationDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly link: ReservationLink;
  /** A request of the focus to the room. */
  readonly requestRoom: (room: Jid, payload: XmlElement) => void;
}

/** Rooms asked for at the same time; more are told to come back. */
const MAX_PENDING = 1_000;
/** setTimeout takes no longer one; ms. */
const MAX_TIMER_MS = 2_147_483_647;

export class Reservations {
  readonly #deps: ReservationDependencies;
  /** By bare room JID: who waits for the system's answer. */
  readonly #pending = new Map<string, ((result: BookingResult) => void)[]>();
  /** By bare room JID: of conferences under way. */
  readonly #held = new Map<string, { readonly id: string; timer: TimerHandle | undefined }>();

  constructor(deps: ReservationDependencies) {
    this.#deps = deps;
  }

  /** Asks for `room`, once however many want to start it. */
  book(room: Jid, realJid: string, done: (result: BookingResult) => void): void {
    const key = room.bare;
    const waiting = this.#pending.get(key);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    if (this.#pending.size >= MAX_PENDING) {
      done({ type: 'refused', code: 503, text: 'The reservation system is too busy' });
      return;
    }
    this.#pending.set(key, [done]);
    this.#deps.link.book(room, realJid, (result) => {
      const all = this.#pending.get(key) ?? [];
      this.#pending.delete(key);
      if (result.type === 'booked') {
        this.release(room);
        this.#held.set(key, { id: result.reservation.id, timer: undefined });
      }
      for (const each of all) each(result);
    });
  }

  /** The focus is in the room: what was reserved takes effect. */
  apply(room: Jid, reservation: Reservation): void {
    const { maxOccupants, hasLobby, password, endWallMs } = reservation;
    const fields: FormField[] = [];
    const add = (name: string, value: string) =>
      fields.push({ name: `muc#roomconfig_${name}`, values: [value] });
    if (maxOccupants !== undefined) add('maxusers', String(maxOccupants));
    if (hasLobby === true) add('membersonly', '1');
    if (password !== undefined) {
      add('passwordprotectedroom', '1');
      add('roomsecret', password);
    }
    if (fields.length > 0) {
      const form = dataFormToXml({ type: 'submit', formType: NS.mucRoomConfig, fields });
      this.#deps.requestRoom(room, xml('query', NS.mucOwner, {}, form));
    }
    if (endWallMs !== undefined) this.#endAt(room, endWallMs);
  }

  /** The conference is over. */
  release(room: Jid): void {
    const held = this.#held.get(room.bare);
    if (held === undefined) return;
    this.#held.delete(room.bare);
    held.timer?.cancel();
    this.#deps.link.release(held.id);
  }

  close(): void {
    for (const { timer } of this.#held.values()) timer?.cancel();
  }

  #endAt(room: Jid, endWallMs: number): void {
    const held = this.#held.get(room.bare);
    const { clock, timers, logger } = this.#deps;
    if (held === undefined) return;
    const leftMs = Math.max(0, endWallMs - clock.wallMs());
    held.timer?.cancel();
    held.timer = timers.schedule(Math.min(leftMs, MAX_TIMER_MS), () => {
      if (leftMs > MAX_TIMER_MS) {
        this.#endAt(room, endWallMs);
        return;
      }
      logger.info('conference.reservation.over', { conference: room.bare });
      const reason = 'Scheduled conference duration exceeded.';
      const destroy = xml('destroy', NS.mucOwner, {}, xml('reason', NS.mucOwner, {}, reason));
      this.#deps.requestRoom(room, xml('query', NS.mucOwner, {}, destroy));
    });
  }
}

/** The refusal in the form clients show (COMPAT: `reservation-error` before the text). */
export function reservationError(code: number, text: string): StanzaError {
  const extra = [xml('reservation-error', NS.focus, { 'error-code': String(code) })];
  return { condition: 'service-unavailable', text, extra };
}
