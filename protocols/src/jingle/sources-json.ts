/**
 * Sources in compact JSON (feature `http://jitsi.org/json-encoded-sources`):
 * `{"sources": {owner: [video sources, video groups, audio sources, audio groups]}}`;
 * source `{"s": SSRC, "n": name, "m": msid, "v": "d" for desktop}`, group `["f" or "s", SSRC…]`. Trailing empty lists are left out.
 */
import { isJsonObject } from '@conclave/base';
import type { MediaType } from '../colibri/index.ts';
import type { OwnedSources, SignalledGroup, SignalledSource } from './jingle.ts';
import { type JingleBudget, JingleRefused, MAX_SSRC, parseInteger } from './limits.ts';

export function ownedSourcesToJson(owned: readonly OwnedSources[]): string {
  // Entries, not an object literal: an owner named like a property of Object must survive.
  const sources = Object.fromEntries(owned.map((entry) => [entry.owner, compactLists(entry)]));
  return JSON.stringify({ sources });
}

function compactLists(entry: OwnedSources): unknown[] {
  const lists: unknown[][] = [];
  for (const type of ['video', 'audio'] as const) {
    lists.push(
      entry.sources.filter((source) => source.type === type).map(compactSource),
      entry.groups
        .filter((group) => group.type === type)
        .map((group) => [group.semantics === 'FID' ? 'f' : 's', ...group.ssrcs]),
    );
  }
  while (lists.at(-1)?.length === 0) lists.pop();
  return lists;
}

function compactSource(source: SignalledSource): Record<string, unknown> {
  return {
    s: source.ssrc,
    ...(source.name !== undefined && { n: source.name }),
    ...(source.msid !== undefined && { m: source.msid }),
    ...(source.videoType === 'desktop' && { v: 'd' }),
  };
}

/** Undefined when the message is not about sources. Refuses what is malformed. */
export function ownedSourcesFromJson(
  text: string,
  budget: JingleBudget,
): readonly OwnedSources[] | undefined {
  if (text.length > budget.limits.jsonLength) throw new JingleRefused('JSON too long');
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    throw new JingleRefused('malformed JSON');
  }
  if (!isJsonObject(root) || root.sources === undefined) return undefined;
  if (!isJsonObject(root.sources)) throw new JingleRefused('sources is not an object');
  const entries = Object.entries(root.sources);
  budget.list(entries, budget.limits.sources, 'owners');
  return entries.map(([owner, lists]) => {
    if (!Array.isArray(lists)) throw new JingleRefused('sources of an owner are not a list');
    return {
      owner: budget.text(owner) ?? '',
      sources: [
        ...list(lists[2]).map((item) => sourceFromCompact(item, 'audio', budget)),
        ...list(lists[0]).map((item) => sourceFromCompact(item, 'video', budget)),
      ],
      groups: [
        ...list(lists[3]).map((item) => groupFromCompact(item, 'audio', budget)),
        ...list(lists[1]).map((item) => groupFromCompact(item, 'video', budget)),
      ].filter((group) => group !== undefined),
    };
  });
}

function sourceFromCompact(item: unknown, type: MediaType, budget: JingleBudget): SignalledSource {
  budget.countSource();
  if (!isJsonObject(item)) throw new JingleRefused('a source is not an object');
  const name = textOf(item.n, budget);
  const msid = textOf(item.m, budget);
  return {
    type,
    ssrc: ssrcOf(item.s),
    ...(name !== undefined && { name }),
    ...(msid !== undefined && { msid }),
    ...(type === 'video' && { videoType: item.v === 'd' ? 'desktop' : 'camera' }),
  };
}

function groupFromCompact(
  item: unknown,
  type: MediaType,
  budget: JingleBudget,
): SignalledGroup | undefined {
  budget.countGroup();
  const [letter, ...members] = list(item);
  if (letter !== 'f' && letter !== 's') return undefined;
  budget.list(members, budget.limits.groupMembers, 'members in a source group');
  return { type, semantics: letter === 'f' ? 'FID' : 'SIM', ssrcs: members.map(ssrcOf) };
}

/** A number, or the same as decimal text (both are seen in the wild). */
function ssrcOf(value: unknown): number {
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw new JingleRefused('invalid SSRC in JSON');
  }
  const ssrc = parseInteger(String(value), 0, MAX_SSRC);
  if (ssrc === undefined) throw new JingleRefused('invalid SSRC in JSON');
  return ssrc;
}

function textOf(value: unknown, budget: JingleBudget): string | undefined {
  return typeof value === 'string' && value !== '' ? budget.text(value) : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
