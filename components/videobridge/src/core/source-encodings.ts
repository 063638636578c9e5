/** What the description of a source says of its encodings and SSRCs. */
import type { MediaSource } from '@conclave/protocols/colibri';

export interface SourceEncoding {
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
}

/** Primary SSRCs in the order of the SIM group, each with its partner in an FID group (RFC 5576 §4.2). */
export function encodingsOf(description: MediaSource): SourceEncoding[] {
  const rtxOf = new Map<number, number>();
  for (const { semantics, ssrcs } of description.groups) {
    const [primary, rtx] = ssrcs;
    if (semantics === 'FID' && primary !== undefined && rtx !== undefined) rtxOf.set(primary, rtx);
  }
  const simulcast = description.groups.find((group) => group.semantics === 'SIM');
  const repairs = new Set(rtxOf.values());
  const primaries =
    simulcast?.ssrcs ?? description.ssrcs.filter((ssrc) => !repairs.has(ssrc)).slice(0, 1);
  return primaries.map((ssrc) => ({ ssrc, rtxSsrc: rtxOf.get(ssrc) }));
}

/** Every SSRC that the description names, without repetition. */
export function ssrcsOf(description: MediaSource): Set<number> {
  const all = new Set<number>(description.ssrcs);
  for (const { ssrcs } of description.groups) for (const ssrc of ssrcs) all.add(ssrc);
  return all;
}
