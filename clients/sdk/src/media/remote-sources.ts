/** From the sources that the focus signals, SSRC by SSRC, to the pictures and voices they make up. */
import type { OwnedSources } from '@conclave/protocols/jingle';
import type { RemoteSource } from '@conclave/protocols/sdp';

/** Owner of the sources that the bridge itself sends. */
export const BRIDGE_OWNER = 'jvb';

export interface OwnedRemoteSource extends RemoteSource {
  /** Endpoint id, or `jvb`. */
  readonly owner: string;
  readonly videoType: 'camera' | 'desktop';
}

/** One entry per source name; what comes without a name is named after owner and stream id. */
export function remoteSourcesOf(owned: readonly OwnedSources[]): OwnedRemoteSource[] {
  const sources = new Map<string, OwnedRemoteSource & { ssrcs: number[] }>();
  for (const { owner, sources: signalled, groups } of owned) {
    if (owner === '') continue;
    for (const { type, ssrc, name, msid, videoType } of signalled) {
      const key = name ?? `${owner}-${type}-${msid?.split(' ')[0] ?? ssrc}`;
      const known = sources.get(key);
      if (known !== undefined) {
        if (known.owner === owner && known.type === type) known.ssrcs.push(ssrc);
        continue;
      }
      sources.set(key, {
        owner,
        type,
        name: key,
        videoType: videoType ?? 'camera',
        ssrcs: [ssrc],
        groups: [],
      });
    }
    for (const source of sources.values()) {
      if (source.owner !== owner) continue;
      const own = groups.filter(({ ssrcs }) => ssrcs.every((ssrc) => source.ssrcs.includes(ssrc)));
      sources.set(source.name, {
        ...source,
        groups: own.map(({ semantics, ssrcs }) => ({ semantics, ssrcs })),
      });
    }
  }
  return [...sources.values()];
}
