/** Who else is in the room, in order of arrival. */
import { type ReadonlyStore, Store } from '../store.ts';
import type { Participant } from './participant.ts';

const MAX_PARTICIPANTS = 5_000;

export class Roster {
  readonly #all = new Store<readonly Participant[]>([]);

  get all(): ReadonlyStore<readonly Participant[]> {
    return this.#all;
  }

  find(id: string): Participant | undefined {
    return this.#all.get().find((participant) => participant.id === id);
  }

  /** True when the participant was not known before; those beyond 5,000 are not taken. */
  put(participant: Participant): boolean {
    const all = this.#all.get();
    const index = all.findIndex(({ id }) => id === participant.id);
    if (index >= 0) {
      this.#all.set(all.with(index, participant));
      return false;
    }
    if (all.length >= MAX_PARTICIPANTS) return false;
    this.#all.set([...all, participant]);
    return true;
  }

  remove(id: string): Participant | undefined {
    const participant = this.find(id);
    if (participant !== undefined) {
      this.#all.update((all) => all.filter((other) => other.id !== id));
    }
    return participant;
  }

  clear(): void {
    this.#all.set([]);
  }
}
