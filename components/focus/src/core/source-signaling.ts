/**
 * What one receiver has been told about the others' sources, and what it still has to be told. Changes
 * are not queued: owners are marked, and the difference is taken when the receiver can be told.
 */
import type { OwnedSources } from '@conclave/protocols/jingle';
import { ownedSources, type ViewedSource, withMsidSuffix } from './receiver-view.ts';

/** msids of one owner that are remembered; with more, every further one is changed. */
const MAX_USED_MSIDS = 32;

/** The present view of an owner for this receiver; empty when it sends nothing. */
export type ViewForReceiver = (owner: string) => readonly ViewedSource[];

export interface SignalingDifference {
  /** To be sent first. */
  readonly remove: readonly OwnedSources[];
  readonly add: readonly OwnedSources[];
}

export class SourceSignaling {
  readonly #told = new Map<string, readonly ViewedSource[]>();
  /** By owner: what the receiver has been told in this session, whether it is still there or not. */
  readonly #used = new Map<string, { readonly msids: Set<string>; changes: number }>();
  readonly #changed = new Set<string>();

  /** All sources for a new offer; from now on the receiver is taken to know them. */
  offer(owners: Iterable<string>, viewFor: ViewForReceiver): OwnedSources[] {
    this.reset();
    const out: OwnedSources[] = [];
    for (const owner of owners) {
      const view = viewFor(owner);
      if (view.length === 0) continue;
      const told = view.map((source) => this.#withUnusedMsid(owner, source));
      this.#told.set(owner, told);
      out.push(ownedSources(owner, told));
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
    this.#used.delete(owner);
    this.#changed.delete(owner);
  }

  /** The receiver's session ended: it knows nothing any more. */
  reset(): void {
    this.#told.clear();
    this.#used.clear();
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
      const kept = without(before, gone);
      const fresh = without(now, before).map((source) => this.#withUnusedMsid(owner, source));
      if (gone.length > 0) remove.push(ownedSources(owner, gone));
      if (fresh.length > 0) add.push(ownedSources(owner, fresh));
      if (now.length > 0) this.#told.set(owner, [...kept, ...fresh]);
      else this.#told.delete(owner);
    }
    this.#changed.clear();
    return { remove, add };
  }

  /**
   * COMPAT: a client adds an m-line for each source and never takes one away; Chromium since 123 refuses
   * a description in which two m-lines have the same msid, even if one is inactive. Clients before
   * 2024 take the msid as it is told, so a source that comes back comes back under another one.
   */
  #withUnusedMsid(owner: string, source: ViewedSource): ViewedSource {
    let used = this.#used.get(owner);
    if (used === undefined) {
      used = { msids: new Set(), changes: 0 };
      this.#used.set(owner, used);
    }
    const msid = `${source.isVideo} ${source.sources[0]?.msid}`;
    if (used.msids.size < MAX_USED_MSIDS && !used.msids.has(msid)) {
      used.msids.add(msid);
      return source;
    }
    used.changes++;
    return withMsidSuffix(source, `-${used.changes}`);
  }
}

function without(
  these: readonly ViewedSource[],
  those: readonly ViewedSource[],
): readonly ViewedSource[] {
  const keys = new Set(those.map(({ key }) => key));
  return these.filter(({ key }) => !keys.has(key));
}
