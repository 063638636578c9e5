/**
 * Which layer of which source one receiver gets: from its constraints, the order of speakers, the
 * encodings that really arrive, and the bandwidth there is (Infinity while it is not known).
 *
 * The scheme is Jitsi's: sources in priority order, last-N, candidate layers per source, then rounds
 * that raise one source by one layer while bandwidth lasts; a source on stage goes first, and as
 * far as its preferred layer at once. A camera's ladder is the smallest picture at a quarter, half and the full
 * frame rate, then larger pictures at the full rate only.
 */

/** One temporal layer of one simulcast encoding; lowest first, encoding by encoding. */
export interface LayerState {
  /** Pixels. */
  readonly height: number;
  /** Measured, with the layers it builds on; 0 when nothing arrives. */
  readonly bitrateBps: number;
  /** What that was at most lately: what taking the layer up must be expected to cost. */
  readonly peakBps: number;
  /** Without what a key frame adds for a moment: what going on with the layer costs. */
  readonly steadyBps: number;
  readonly isActive: boolean;
  /** The encoding's highest temporal layer. */
  readonly isFullRate: boolean;
}

export interface SelectableSource {
  readonly name: string;
  readonly ownerId: string;
  readonly isDesktop: boolean;
  /** False when its owner says there is no video, or it is muted by a moderator. */
  readonly isAvailable: boolean;
  /** Largest height wanted: 0 never, Infinity unlimited. */
  readonly maxHeight: number;
  readonly layers: readonly LayerState[];
  /** Layer that is sent so far, -1 when bandwidth was too low for any; absent before anything. */
  readonly currentLayer?: number | undefined;
}

export interface SelectionRequest<T extends SelectableSource = SelectableSource> {
  /** In the order of speech, most recent speaker first. */
  readonly sources: readonly T[];
  /** Source names or endpoint ids, highest priority first. */
  readonly selected: readonly string[];
  readonly onStage: readonly string[];
  /** -1 is unlimited. */
  readonly lastN: number;
  readonly availableBps: number;
}

export interface SourceSelection<T extends SelectableSource = SelectableSource> {
  readonly source: T;
  /** Index of the layer to send, or -1. */
  readonly layerIndex: number;
  /** Layer with infinite bandwidth: what probing may aim at; -1 for none. */
  readonly idealLayerIndex: number;
  /** `maxHeight` after last-N. */
  readonly effectiveMaxHeight: number;
}

/** Room there must be for a better layer than now, lest it goes again with the next frame. */
const UPSWITCH_MARGIN = 1.1;
/** The smallest layer of what is seen first of all goes on when at least so much of it fits: the estimate is not that sure. */
const LAST_MARGIN = 0.7;
/** Up to here a camera on stage is raised before others get anything. */
const PREFERRED_HEIGHT = 360;
/** What a screen on stage may cost more than there is, to be legible at all. */
const OVERSEND_BPS = 500_000;

/** Assumed heights of one, two or three encodings (COLIBRI2 assumes the same). */
export function assumedHeight(index: number): number {
  return 180 << Math.min(index, 4);
}

/** In priority order; sources beyond last-N and unwanted ones are there too, with layer -1. */
export function selectLayers<T extends SelectableSource>(
  request: SelectionRequest<T>,
): SourceSelection<T>[] {
  const stage = positionsOf(request.onStage);
  const ordered = prioritize(request, stage);
  const lastN = request.lastN < 0 ? ordered.length : request.lastN;
  // In a large conference most get no further than here.
  const plans: Plan<T>[] = [];
  for (const source of ordered) {
    if (plans.length >= lastN || !isWanted(source)) break;
    const candidates = candidateLayers(source, source.maxHeight);
    const isOnStage = positionOf(stage, source) !== undefined;
    plans.push({
      source,
      candidates,
      isOnStage,
      preferred: isOnStage ? preferredCandidate(source, candidates) : 0,
      chosen: -1,
    });
  }
  allocate(plans, request.availableBps);
  const [first] = plans;
  if (first?.isOnStage && first.source.isDesktop) oversend(first, request.availableBps);
  return ordered.map((source, position) => {
    const { candidates, chosen } = plans[position] ?? NO_PLAN;
    return {
      source,
      layerIndex: candidates[chosen] ?? -1,
      idealLayerIndex: candidates.at(-1) ?? -1,
      effectiveMaxHeight: position < plans.length ? source.maxHeight : 0,
    };
  });
}

interface Plan<T extends SelectableSource = SelectableSource> {
  readonly source: T;
  /** Layer indexes, lowest first. */
  readonly candidates: readonly number[];
  readonly isOnStage: boolean;
  /** Position in `candidates` to reach before anybody further down gets more. */
  readonly preferred: number;
  /** Position in `candidates`, -1 for nothing yet. */
  chosen: number;
}

/** Of who is beyond last-N, or not wanted. */
const NO_PLAN: Pick<Plan, 'candidates' | 'chosen'> = { candidates: [], chosen: -1 };

function isWanted({ isAvailable, maxHeight }: SelectableSource): boolean {
  return isAvailable && maxHeight !== 0;
}

/** On stage, then selected, then by speech; those without video, and unwanted ones, last. */
function prioritize<T extends SelectableSource>(
  request: SelectionRequest<T>,
  stage: ReadonlyMap<string, number>,
): T[] {
  const selected = positionsOf(request.selected);
  const rank = (source: T): number => {
    if (!isWanted(source)) return 3e6;
    return positionOf(stage, source) ?? 1e6 + (positionOf(selected, source) ?? 1e6);
  };
  return request.sources
    .map((source) => ({ source, rank: rank(source) }))
    .sort((a, b) => a.rank - b.rank) // stable: speech order within a rank
    .map(({ source }) => source);
}

function positionsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    if (!positions.has(name)) positions.set(name, position);
  }
  return positions;
}

/** Of the source by its name or its owner's. */
function positionOf(
  positions: ReadonlyMap<string, number>,
  { name, ownerId }: SelectableSource,
): number | undefined {
  const own = positions.get(name);
  const owner = positions.get(ownerId);
  if (own === undefined || owner === undefined) return own ?? owner;
  return Math.min(own, owner);
}

/** Indexes of the layers that may be sent, lowest first. Those of the lowest height always are. */
function candidateLayers(source: SelectableSource, maxHeight: number): number[] {
  if (maxHeight === 0) return [];
  const indexes = source.layers.map((_, index) => index);
  const active = indexes.filter((index) => source.layers[index]?.isActive);
  // Nothing arrives: the source has just begun, so any of them may come.
  const usable = active.length > 0 ? active : indexes;
  const lowest = source.layers[usable[0] ?? -1]?.height;
  return usable.filter((index) => {
    const { height, isFullRate } = source.layers[index]!;
    if (height === lowest) return true;
    return height <= maxHeight && (isFullRate || source.isDesktop);
  });
}

function preferredCandidate(source: SelectableSource, candidates: readonly number[]): number {
  if (source.isDesktop) return candidates.length - 1;
  let preferred = 0;
  candidates.forEach((layer, position) => {
    if ((source.layers[layer]?.height ?? 0) <= PREFERRED_HEIGHT) preferred = position;
  });
  return preferred;
}

function allocate(plans: readonly Plan[], availableBps: number): void {
  let leftBps = availableBps;
  const raise = (plan: Plan): boolean => {
    let next = plan.chosen + 1;
    if (next >= plan.candidates.length) return false;
    // Better and no dearer: then there is no reason to stop below it.
    while (next + 1 < plan.candidates.length && cost(plan, next + 1) <= cost(plan, next)) next++;
    const extraBps = cost(plan, next) - cost(plan, plan.chosen);
    const { currentLayer } = plan.source;
    const isUpswitch = currentLayer !== undefined && plan.candidates[next]! > currentLayer;
    const isLast = plan === plans[0] && plan.chosen < 0 && (currentLayer ?? -1) >= 0;
    const margin = isLast ? LAST_MARGIN : isUpswitch ? UPSWITCH_MARGIN : 1;
    if (extraBps * margin > leftBps) return false;
    leftBps -= extraBps;
    plan.chosen = next;
    return true;
  };
  for (let raised = true; raised; ) {
    raised = false;
    for (const plan of plans) {
      if (raise(plan)) raised = true;
      while (plan.chosen < plan.preferred && raise(plan)) raised = true;
      // On stage comes first: if it cannot have what it prefers, nobody else gets more than they have.
      if (plan.isOnStage && plan.chosen < Math.min(plan.preferred, plan.candidates.length - 1)) {
        break;
      }
    }
  }
}

/** A shared screen in which nothing can be read is worth less than some delay. */
function oversend(plan: Plan, availableBps: number): void {
  const heightAt = (position: number): number =>
    plan.source.layers[plan.candidates[position] ?? -1]?.height ?? 0;
  const highest = heightAt(plan.candidates.length - 1);
  if (heightAt(plan.chosen) === highest) return;
  const position = plan.candidates.findIndex((_, candidate) => heightAt(candidate) === highest);
  if (cost(plan, position) <= availableBps + OVERSEND_BPS) plan.chosen = position;
}

/** What is sent already costs what it does in the long run; more than that, what it may cost in a moment. */
function cost({ source, candidates }: Plan, position: number): number {
  const index = candidates[position] ?? -1;
  const layer = source.layers[index];
  if (layer === undefined) return 0;
  const { currentLayer } = source;
  if (currentLayer === undefined) return layer.bitrateBps;
  return index > currentLayer ? layer.peakBps : layer.steadyBps;
}
