/** Whether an endpoint may have the sources that the focus says it has, and which of them it had before. */
import type { MediaSource } from '@conclave/protocols/colibri';
import { encodingsOf, type SourceEncoding, ssrcsOf } from './source-encodings.ts';

/** SSRCs of one source: three encodings with RTX, and some more. */
const MAX_SSRCS_PER_SOURCE = 16;

export interface SourceRules {
  readonly maxSources: number;
  /** Of another endpoint. */
  isTaken(ssrc: number): boolean;
  /** The bridge sends with it. */
  isOurs(ssrc: number): boolean;
}

/** Why the list cannot be accepted. SSRCs are unique in the conference, names in the list; everything is bounded. */
export function checkSources(
  descriptions: readonly MediaSource[],
  rules: SourceRules,
): string | undefined {
  if (descriptions.length > rules.maxSources) return `more than ${rules.maxSources} sources`;
  const seen = new Set<number>();
  const names = new Set<string>();
  for (const description of descriptions) {
    const { name } = description;
    if (names.has(name)) return `two sources are called ${name}`;
    names.add(name);
    const ssrcs = ssrcsOf(description);
    if (ssrcs.size > MAX_SSRCS_PER_SOURCE) return 'too many SSRCs in one source';
    const encodings = encodingsOf(description);
    if (encodings.length === 0) return `source ${name} has no SSRC`;
    if (hasRepeatedSsrc(encodings)) return `source ${name} has one SSRC for two purposes`;
    for (const ssrc of ssrcs) {
      if (!Number.isInteger(ssrc) || ssrc <= 0 || ssrc > 0xffff_ffff) return 'invalid SSRC';
      if (seen.has(ssrc) || rules.isTaken(ssrc)) return `SSRC ${ssrc} is used already`;
      if (rules.isOurs(ssrc)) return `SSRC ${ssrc} is the bridge's`;
      seen.add(ssrc);
    }
  }
  return undefined;
}

/** Media and their repairs would be numbered over each other. */
function hasRepeatedSsrc(encodings: readonly SourceEncoding[]): boolean {
  const used = encodings.flatMap(({ ssrc, rtxSsrc }) =>
    rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc],
  );
  return new Set(used).size < used.length;
}

/** What makes two descriptions the same source on the wire. */
export function identityOf(description: MediaSource): string {
  return identityFrom(description, encodingsOf(description));
}

/** `encodings` as `encodingsOf` tells them. */
export function identityFrom(
  { type, name }: Pick<MediaSource, 'type' | 'name'>,
  encodings: readonly SourceEncoding[],
): string {
  return [type, name, ...encodings.map(({ ssrc, rtxSsrc }) => `${ssrc}/${rtxSsrc ?? ''}`)].join(
    ' ',
  );
}
