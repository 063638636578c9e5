/**
 * Places in a room for people who were told that they may take part and are on the way. Without them two who ask at the
 * same moment are both told so, and whoever is second finds no place.
 */
import type { Room } from '../muc/room.ts';

/** How long somebody may be on the way. */
const PROMISED_MS = 20_000;

export class PromisedPlaces {
  /** By full real JID, until when; ms. No more than fit into the room. */
  readonly #byRoom = new WeakMap<Room, Map<string, number>>();

  promise(room: Room, fullJid: string, nowMs: number): void {
    const places = this.#byRoom.get(room) ?? new Map<string, number>();
    this.#byRoom.set(room, places.set(fullJid, nowMs + PROMISED_MS));
  }

  has(room: Room, fullJid: string, nowMs: number): boolean {
    return (this.#byRoom.get(room)?.get(fullJid) ?? 0) > nowMs;
  }

  /** It has come, or comes no more. */
  end(room: Room, fullJid: string): void {
    this.#byRoom.get(room)?.delete(fullJid);
  }

  /** Those that are not taken yet. */
  count(room: Room, nowMs: number): number {
    const places = this.#byRoom.get(room);
    if (places === undefined) return 0;
    for (const [fullJid, untilMs] of places) if (untilMs <= nowMs) places.delete(fullJid);
    return places.size;
  }
}
