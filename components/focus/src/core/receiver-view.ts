/**
 * What receivers are told of a participant's sources: one SSRC per source and its retransmission.
 * Clients cannot take simulcast: they match a group to a source by the exact set of SSRCs.
 */
import type { OwnedSources, SignalledGroup, SignalledSource } from '@conclave/protocols/jingle';
import { type NamedSource, namedSourcesOf, type SourceSet } from './source-set.ts';

/** One source as receivers see it. */
export interface ViewedSource {
  readonly name: string;
  readonly isVideo: boolean;
  readonly isDesktop: boolean;
  readonly sources: readonly SignalledSource[];
  readonly groups: readonly SignalledGroup[];
  /** Equal keys: nothing changed for a receiver. */
  readonly key: string;
}

/** The sources of `set` with simulcast stripped. A source without msid is invisible to clients and left out. */
export function viewOf(set: SourceSet): ViewedSource[] {
  const out: ViewedSource[] = [];
  for (const source of namedSourcesOf(set)) {
    if (source.msid === undefined) continue;
    out.push(viewSource(source, source.msid));
  }
  return out;
}

function viewSource(source: NamedSource, msid: string): ViewedSource {
  const { type, name, videoType, groups } = source;
  const simulcast = groups.find(({ semantics }) => semantics === 'SIM');
  const fids = groups.filter(({ semantics }) => semantics === 'FID');
  const primary = simulcast?.ssrcs[0] ?? fids[0]?.ssrcs[0] ?? source.ssrcs[0] ?? 0;
  const fid = fids.find(({ ssrcs }) => ssrcs[0] === primary);
  const ssrcs = fid?.ssrcs ?? [primary];
  const sources = ssrcs.map((ssrc) => ({
    type,
    ssrc,
    name,
    msid,
    ...(type === 'video' && { videoType: videoType ?? ('camera' as const) }),
  }));
  const viewedGroups = fid === undefined ? [] : [fid];
  return {
    name,
    isVideo: type === 'video',
    isDesktop: videoType === 'desktop',
    sources,
    groups: viewedGroups,
    key: JSON.stringify([sources, viewedGroups]),
  };
}

/**
 * For clients that show one video per participant: the screen when there is one, else the first
 * camera.
 */
export function withOneVideo(view: readonly ViewedSource[]): ViewedSource[] {
  const videos = view.filter(({ isVideo }) => isVideo);
  const chosen = videos.find(({ isDesktop }) => isDesktop) ?? videos[0];
  return view.filter((source) => !source.isVideo || source === chosen);
}

/** The same source under another msid; still equal (`key`) to the one it was made from. */
export function withMsidSuffix(source: ViewedSource, suffix: string): ViewedSource {
  const sources = source.sources.map(({ msid = '', ...rest }) => {
    const parts = msid.split(' ').map((part) => part + suffix);
    return { ...rest, msid: parts.join(' ') };
  });
  return { ...source, sources };
}

export function ownedSources(owner: string, view: readonly ViewedSource[]): OwnedSources {
  return {
    owner,
    sources: view.flatMap(({ sources }) => sources),
    groups: view.flatMap(({ groups }) => groups),
  };
}
