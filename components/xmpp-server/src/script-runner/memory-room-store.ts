/** Kept rooms of a script: `option roomStore "memory"`. */
import type { KeptRoom, RoomStore } from '../room-store.ts';

export class MemoryRoomStore implements RoomStore {
  readonly #rooms = new Map<string, KeptRoom>();

  find(jid: string): KeptRoom | undefined {
    return this.#rooms.get(jid);
  }

  save(jid: string, room: KeptRoom): boolean {
    this.#rooms.set(jid, room);
    return true;
  }

  remove(jid: string): boolean {
    return this.#rooms.delete(jid);
  }

  list(): readonly string[] {
    return [...this.#rooms.keys()];
  }
}
