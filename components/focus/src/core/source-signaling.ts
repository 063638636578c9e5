/**
 * What one receiver has been told about the others' sources, and what it still has to be told. Changes
 * are not queued: owners are marked, and the difference is taken when the receiver can be told.
 */
import type { OwnedSources } from '@conclave/protocols/jingle';
import { ownedSources, type ViewedSource } from './receiver-view.ts';

/** The present view of an owner for this receiver; empty when it sends nothing. */
export type ViewForReceiver = (owner: string) => readonly ViewedSource[];

export interface SignalingDifference {
  /** To be sent first. */
  readonly remove: readonly OwnedSources[];
  readonly add: readonly OwnedSources[];
}

export class SourceSignaling {
  readonly #told = new Map<string, readonly ViewedSource[]>();
  readonly #changed = new Set<string>();

  /** All sources for a new offer; from now on the receiver is taken to know them. */
  offer(owners: Iterable<string>, viewFor: ViewForReceiver): OwnedSources[] {
    this.reset();
    const out: OwnedSources[] = [];
    for (const owner of owners) {
      const view = viewFor(owner);
      if (view.length === 0) continue;
      this.#told.set(owner, view);
      out.push(ownedSources(owner, view));
    }
    return out;
  }

  /** The sources of `owner` may have changed. */
  mark(owner: string): void {
    this.#changed.add(owner);
  }

  /** `owner` left the room: clients forget its sources by themselves. */
  forget(owner: string): void {
    this.#told.delete(owner);
    this.#changed.delete(owner);
  }

  /** The receiver's session ended: it knows nothing any more. */
  reset(): void {
    this.#told.clear();
    this.#changed.clear();
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  /** What to tell the receiver now; it is taken to know it afterwards. */
  takeDifference(viewFor: ViewForReceiver): SignalingDifference {
    const remove: OwnedSources[] = [];
    const add: OwnedSources[] = [];
    for (const owner of this.#changed) {
      const before = this.#told.get(owner) ?? [];
      const now = viewFor(owner);
      const gone = without(before, now);
      const fresh = without(now, before);
      if (gone.length > 0) remove.push(ownedSources(owner, gone));
      if (fresh.length > 0) add.push(ownedSources(owner, fresh));
      if (now.length > 0) this.#told.set(owner, now);
      else this.#told.delete(owner);
    }
    this.#changed.clear();
    return { remove, add };
  }
}

function without(
  these: readonly ViewedSource[],
  those: readonly ViewedSource[],
): readonly ViewedSource[] {
  const keys = new Set(those.map(({ key }) => key));
  return these.filter(({ key }) => !keys.has(key));
}
