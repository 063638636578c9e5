/**
 * The rules for the sources of one participant, and how its SSRCs belong together: a *source* is a
 * SIM group with the FID groups of its members, a lone FID group, or a single SSRC.
 */
import type { MediaSource, MediaType } from '@conclave/protocols/colibri';
import type { SignalledGroup, SignalledSource } from '@conclave/protocols/jingle';

/** All SSRCs and groups that one participant has signalled. Immutable: changes make a new set. */
export interface SourceSet {
  readonly sources: ReadonlyMap<number, SignalledSource>;
  readonly groups: readonly SignalledGroup[];
}

export const NO_SOURCES: SourceSet = { sources: new Map(), groups: [] };

/** One microphone, camera or screen, after the rules were applied: names are always there. */
export interface NamedSource {
  readonly type: MediaType;
  readonly name: string;
  readonly videoType?: 'camera' | 'desktop';
  readonly msid?: string;
  /** In the order they were signalled. */
  readonly ssrcs: readonly number[];
  readonly groups: readonly SignalledGroup[];
}

/** SSRCs connected by groups, each with the groups that hold it together. In order of first SSRC. */
function clustersOf(set: SourceSet): { ssrcs: number[]; groups: SignalledGroup[] }[] {
  const clusterOf = new Map<number, { ssrcs: number[]; groups: SignalledGroup[] }>();
  for (const ssrc of set.sources.keys()) clusterOf.set(ssrc, { ssrcs: [ssrc], groups: [] });
  for (const group of set.groups) {
    const first = clusterOf.get(group.ssrcs[0] ?? -1);
    if (first === undefined) continue;
    first.groups.push(group);
    for (const ssrc of group.ssrcs) {
      const other = clusterOf.get(ssrc);
      if (other === undefined || other === first) continue;
      first.ssrcs.push(...other.ssrcs);
      first.groups.push(...other.groups);
      for (const moved of other.ssrcs) clusterOf.set(moved, first);
    }
  }
  return [...new Set(clusterOf.values())];
}

/** The sources of a valid set (see `checkSourceSet`). */
export function namedSourcesOf(set: SourceSet): NamedSource[] {
  return clustersOf(set).map(({ ssrcs, groups }) => {
    const first = set.sources.get(ssrcs[0] ?? -1) as SignalledSource;
    return {
      type: first.type,
      name: first.name ?? '',
      ...(first.videoType !== undefined && { videoType: first.videoType }),
      ...(first.msid !== undefined && { msid: first.msid }),
      ssrcs,
      groups,
    };
  });
}

/** For the bridge: everything, as COLIBRI says it. */
export function mediaSourcesOf(set: SourceSet): MediaSource[] {
  return namedSourcesOf(set).map(({ type, name, videoType, ssrcs, groups }) => ({
    type,
    name,
    ...(videoType !== undefined && { videoType }),
    ssrcs,
    groups: groups.map((group) => ({ semantics: group.semantics, ssrcs: group.ssrcs })),
  }));
}

/**
 * Gives names to sources that come without (clients before 2022): `<owner>-a0`, `<owner>-v0`, the
 * lowest free number per media type. SSRCs in one cluster share the name.
 */
export function withNames(set: SourceSet, owner: string): SourceSet {
  const taken = new Set<string>();
  let missing = false;
  for (const { name } of set.sources.values()) {
    if (name === undefined) missing = true;
    else taken.add(name);
  }
  if (!missing) return set;
  const sources = new Map(set.sources);
  for (const { ssrcs } of clustersOf(set)) {
    const members = ssrcs.map((ssrc) => set.sources.get(ssrc) as SignalledSource);
    const type = members[0]?.type ?? 'audio';
    let name = members.find((member) => member.name !== undefined)?.name;
    for (let index = 0; name === undefined; index++) {
      const candidate = `${owner}-${type === 'audio' ? 'a' : 'v'}${index}`;
      if (!taken.has(candidate)) name = candidate;
    }
    taken.add(name);
    for (const member of members) {
      if (member.name === undefined) sources.set(member.ssrc, { ...member, name });
    }
  }
  return { sources, groups: set.groups };
}

export interface SourceLimits {
  readonly maxSsrcsPerParticipant: number;
  readonly maxGroupsPerParticipant: number;
}

/** The first rule that the named set of `owner` breaks, as a sentence; undefined when it is valid. */
export function checkSourceSet(
  set: SourceSet,
  owner: string,
  limits: SourceLimits,
): string | undefined {
  if (set.sources.size > limits.maxSsrcsPerParticipant) {
    return `at most ${limits.maxSsrcsPerParticipant} SSRCs per participant`;
  }
  if (set.groups.length > limits.maxGroupsPerParticipant) {
    return `at most ${limits.maxGroupsPerParticipant} source groups per participant`;
  }
  for (const source of set.sources.values()) {
    if (source.ssrc < 1 || source.ssrc > 0xffff_ffff) return 'an SSRC is 1..4294967295';
    if (!isOwnName(source.name, owner, source.type)) {
      return `a source name is ${owner}-a<number> for audio and ${owner}-v<number> for video`;
    }
  }
  return checkGroups(set) ?? checkClusters(set);
}

function isOwnName(name: string | undefined, owner: string, type: MediaType): boolean {
  const prefix = `${owner}-${type === 'audio' ? 'a' : 'v'}`;
  return name?.startsWith(prefix) === true && /^\d{1,4}$/.test(name.slice(prefix.length));
}

function checkGroups(set: SourceSet): string | undefined {
  for (const group of set.groups) {
    if (group.semantics === 'FID' && group.ssrcs.length !== 2) return 'a FID group has two SSRCs';
    if (new Set(group.ssrcs).size !== group.ssrcs.length) return 'an SSRC is in its group once';
    let msid: string | undefined;
    for (const ssrc of group.ssrcs) {
      const source = set.sources.get(ssrc);
      if (source === undefined) return `SSRC ${ssrc} of a group is not a source`;
      if (source.type !== group.type) return `SSRC ${ssrc} of a group has another media type`;
      if (source.msid === undefined) return `SSRC ${ssrc} of a group has no msid`;
      msid ??= source.msid;
      if (source.msid !== msid) return 'all SSRCs of a group have the same msid';
    }
  }
  return undefined;
}

function checkClusters(set: SourceSet): string | undefined {
  const msids = new Set<string>();
  const names = new Set<string>();
  for (const { ssrcs } of clustersOf(set)) {
    const { type, name = '', msid } = set.sources.get(ssrcs[0] ?? -1) as SignalledSource;
    for (const ssrc of ssrcs) {
      if (set.sources.get(ssrc)?.name !== name) return 'all SSRCs of a source have the same name';
    }
    if (names.has(name)) return `two sources are named ${name}`;
    names.add(name);
    if (msid === undefined) continue;
    // An audio and a video source may share the msid.
    const key = `${type} ${msid}`;
    if (msids.has(key)) return 'each source of a media type has its own msid';
    msids.add(key);
  }
  return undefined;
}
