/**
 * Visitors on the visitor node take part by coming again, as somebody else: what they are to call themselves then
 * (`username` of the answer, `customusername` of the next connection) is all that shows who was let in.
 */
import { type RandomSource, randomUuid } from '@conclave/base';
import type { Room } from '../muc/room.ts';

/** Let in and not demoted again, in one room. */
const MAX_PROMOTIONS = 1_000;

export class VisitorPromotions {
  readonly #random: RandomSource;
  /** Good for as long as the room is there: whoever loses the connection comes back with the same name. */
  readonly #byRoom = new WeakMap<Room, Set<string>>();

  constructor(random: RandomSource) {
    this.#random = random;
  }

  issue(room: Room): string {
    const issued = this.#byRoom.get(room) ?? new Set();
    this.#byRoom.set(room, issued);
    if (issued.size >= MAX_PROMOTIONS) {
      const [oldest = ''] = issued;
      issued.delete(oldest);
    }
    const name = randomUuid(this.#random);
    issued.add(name);
    return name;
  }

  isGood(room: Room, name: string | undefined): boolean {
    return name !== undefined && this.#byRoom.get(room)?.has(name) === true;
  }

  revoke(room: Room, name: string | undefined): void {
    if (name !== undefined) this.#byRoom.get(room)?.delete(name);
  }
}
