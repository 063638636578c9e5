/** All sources of a conference and the rules that span participants. A change is done wholly or not at all. */
import type { SignalledGroup, SignalledSource } from '@conclave/protocols/jingle';
import type { StanzaError } from '@conclave/protocols/xmpp';
import {
  checkSourceSet,
  NO_SOURCES,
  type SourceLimits,
  type SourceSet,
  withNames,
} from './source-set.ts';

export interface SourceChange {
  readonly sources: readonly SignalledSource[];
  readonly groups: readonly SignalledGroup[];
}

export interface SourceMapOptions extends SourceLimits {
  readonly maxAudioSenders: number | undefined;
  readonly maxVideoSenders: number | undefined;
}

export class SourceMap {
  readonly #options: SourceMapOptions;
  readonly #sets = new Map<string, SourceSet>();
  readonly #ownerOfSsrc = new Map<number, string>();
  /** Of participants other than the owner nobody may use an msid again; counted, as SSRCs share them. */
  readonly #ownerOfMsid = new Map<string, string>();
  /** Two for each bridge that the conference was ever on. */
  readonly #reserved = new Set<number>();

  constructor(options: SourceMapOptions) {
    this.#options = options;
  }

  of(owner: string): SourceSet {
    return this.#sets.get(owner) ?? NO_SOURCES;
  }

  /** SSRCs that a bridge itself uses: participants cannot have them. */
  reserve(ssrcs: readonly number[]): void {
    for (const ssrc of ssrcs) this.#reserved.add(ssrc);
  }

  /** Adds sources and groups of `owner`; the refusal when a rule is broken, and then nothing changes. */
  tryAdd(owner: string, change: SourceChange): StanzaError | undefined {
    const old = this.of(owner);
    const sources = new Map(old.sources);
    for (const source of change.sources) {
      const { ssrc, msid } = source;
      const user = this.#ownerOfSsrc.get(ssrc);
      if (user !== undefined || sources.has(ssrc) || this.#reserved.has(ssrc)) {
        return badRequest(`SSRC ${ssrc} is in use`);
      }
      if (msid !== undefined && (this.#ownerOfMsid.get(msid) ?? owner) !== owner) {
        return badRequest('the msid is used by another participant');
      }
      sources.set(ssrc, source);
    }
    const groups = withGroups(old.groups, change.groups);
    const next = withNames({ sources, groups }, owner);
    const problem = checkSourceSet(next, owner, this.#options);
    if (problem !== undefined) return badRequest(problem);
    const limit = this.#senderLimit(owner, old, next);
    if (limit !== undefined) return limit;
    this.#replace(owner, next);
    return undefined;
  }

  /** Removes by SSRC; groups of removed SSRCs go, too. The refusal when something is unknown. */
  tryRemove(owner: string, change: SourceChange): StanzaError | undefined {
    const old = this.of(owner);
    const sources = new Map(old.sources);
    for (const { ssrc } of change.sources) {
      if (!sources.delete(ssrc)) return badRequest(`SSRC ${ssrc} is not a source of yours`);
    }
    const removed = new Set(change.groups.filter((g) => g.ssrcs.length > 0).map(groupKey));
    const known = new Set(old.groups.map(groupKey));
    for (const key of removed) {
      if (!known.has(key)) return badRequest('no such source group');
    }
    const groups = old.groups.filter(
      (group) => !removed.has(groupKey(group)) && group.ssrcs.every((ssrc) => sources.has(ssrc)),
    );
    const next = { sources, groups };
    const problem = checkSourceSet(next, owner, this.#options);
    if (problem !== undefined) return badRequest(problem);
    this.#replace(owner, next);
    return undefined;
  }

  removeOwner(owner: string): void {
    this.#replace(owner, NO_SOURCES);
  }

  /** Whether one more participant with audio (video) would be refused. */
  get limitsReached(): { readonly audio: boolean; readonly video: boolean } {
    const { maxAudioSenders, maxVideoSenders } = this.#options;
    return {
      audio: maxAudioSenders !== undefined && this.#senders('audio') >= maxAudioSenders,
      video: maxVideoSenders !== undefined && this.#senders('video') >= maxVideoSenders,
    };
  }

  #senderLimit(owner: string, old: SourceSet, next: SourceSet): StanzaError | undefined {
    const reached = this.limitsReached;
    for (const media of ['audio', 'video'] as const) {
      if (reached[media] && hasMedia(next, media) && !hasMedia(old, media)) {
        const text = `${owner} cannot send: the limit of ${media} senders is reached`;
        return { condition: 'resource-constraint', text };
      }
    }
    return undefined;
  }

  #senders(media: 'audio' | 'video'): number {
    let count = 0;
    for (const set of this.#sets.values()) if (hasMedia(set, media)) count++;
    return count;
  }

  #replace(owner: string, next: SourceSet): void {
    for (const { ssrc, msid } of this.of(owner).sources.values()) {
      this.#ownerOfSsrc.delete(ssrc);
      if (msid !== undefined) this.#ownerOfMsid.delete(msid);
    }
    for (const { ssrc, msid } of next.sources.values()) {
      this.#ownerOfSsrc.set(ssrc, owner);
      if (msid !== undefined) this.#ownerOfMsid.set(msid, owner);
    }
    if (next.sources.size === 0) this.#sets.delete(owner);
    else this.#sets.set(owner, next);
  }
}

function hasMedia(set: SourceSet, media: 'audio' | 'video'): boolean {
  for (const { type } of set.sources.values()) if (type === media) return true;
  return false;
}

/** Empty and repeated groups are left out silently. */
function withGroups(
  old: readonly SignalledGroup[],
  added: readonly SignalledGroup[],
): SignalledGroup[] {
  const groups = [...old];
  const keys = new Set(old.map(groupKey));
  for (const group of added) {
    const key = groupKey(group);
    if (group.ssrcs.length === 0 || keys.has(key)) continue;
    keys.add(key);
    groups.push(group);
  }
  return groups;
}

function groupKey({ semantics, ssrcs }: SignalledGroup): string {
  return `${semantics} ${ssrcs.join(' ')}`;
}

function badRequest(text: string): StanzaError {
  return { condition: 'bad-request', text };
}
