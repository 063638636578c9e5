/** Between the two ways of writing sources (contents and JSON) and the one way of thinking about them. */
import type { MediaType } from '../colibri/index.ts';
import type {
  Jingle,
  JingleContent,
  JingleDescription,
  OwnedSources,
  SignalledGroup,
  SignalledSource,
} from './jingle.ts';

/** An owner as endpoint id: old servers write the full occupant JID. */
function ownerEndpointId(owner: string): string {
  return owner.slice(owner.lastIndexOf('/') + 1);
}

/**
 * All sources of a message, by owner, whichever way they are written. Sources without `ssrc-info`
 * belong to `defaultOwner` (the sender, when a client signals its own). A group belongs to the
 * owner of its first member; groups of SSRCs that are not in the message, too, go to `defaultOwner`.
 */
export function ownedSourcesOf(jingle: Jingle, defaultOwner: string): OwnedSources[] {
  const owners = new Map<string, { sources: SignalledSource[]; groups: SignalledGroup[] }>();
  const ownerOfSsrc = new Map<number, string>();
  const entry = (owner: string) => {
    let found = owners.get(owner);
    if (found === undefined) {
      found = { sources: [], groups: [] };
      owners.set(owner, found);
    }
    return found;
  };
  for (const { description } of jingle.contents) {
    if (description === undefined) continue;
    for (const { owner, ...source } of description.sources) {
      const id = owner === undefined ? defaultOwner : ownerEndpointId(owner);
      ownerOfSsrc.set(source.ssrc, id);
      entry(id).sources.push({ type: description.media, ...source });
    }
  }
  for (const { description } of jingle.contents) {
    if (description === undefined) continue;
    for (const group of description.groups) {
      const owner = ownerOfSsrc.get(group.ssrcs[0] ?? -1) ?? defaultOwner;
      entry(owner).groups.push({ type: description.media, ...group });
    }
  }
  for (const { owner, sources, groups } of jingle.jsonSources ?? []) {
    const target = entry(owner === '' ? defaultOwner : ownerEndpointId(owner));
    target.sources.push(...sources);
    target.groups.push(...groups);
  }
  return Array.from(owners, ([owner, lists]) => ({ owner, ...lists }));
}

/** A description that carries nothing but sources, and says who owns them. */
export function sourceDescription(
  media: MediaType,
  owned: readonly OwnedSources[],
): JingleDescription {
  return {
    media,
    payloadTypes: [],
    headerExtensions: [],
    rtcpFeedback: [],
    rtcpMux: false,
    extmapAllowMixed: false,
    sources: owned.flatMap(({ owner, sources }) =>
      sources
        .filter(({ type }) => type === media)
        .map(({ type: _, ...source }) => (owner === '' ? source : { ...source, owner })),
    ),
    groups: owned.flatMap(({ groups }) =>
      groups
        .filter(({ type }) => type === media)
        .map(({ semantics, ssrcs }) => ({ semantics, ssrcs })),
    ),
  };
}

/** The contents of a source-add or source-remove; media without sources are left out. */
export function sourceContents(owned: readonly OwnedSources[]): JingleContent[] {
  return (['audio', 'video'] as const)
    .map((media) => ({ name: media, description: sourceDescription(media, owned) }))
    .filter(({ description }) => description.sources.length + description.groups.length > 0);
}
