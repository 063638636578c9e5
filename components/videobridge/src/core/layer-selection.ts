/**
 * Which layer of which source one receiver gets: from its constraints, the order of speakers, the
 * encodings that really arrive, and the bandwidth there is (Infinity while it is not known).
 *
 * The scheme is Jitsi's: sources in priority order, last-N, candidate layers per source, then rounds
 * that raise one source by one layer while bandwidth lasts; a source on stage goes first, and as
 * far as its preferred layer at once. A camera's ladder is the smallest picture at a quarter, half and the full
 * frame rate, then larger pictures at the full rate only; where the receiver limits the frame rate, what comes nearest to that is the
 * full rate.
 *
 * It is done for each receiver whenever its bandwidth moved, in large conferences thousands of times a second; so the selector
 * keeps what it needs from one time to the next, rather than making it anew.
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
  /** Pictures per second, with the temporal layers below; 0 when it is not known, which is as little as can be. */
  readonly frameRate: number;
  /**
   * Of several spatial layers in one stream that build on each other in key pictures only: each is entered at a key picture, which
   * costs what all of them do.
   */
  readonly isApart: boolean;
}

export interface SelectableSource {
  readonly name: string;
  readonly ownerId: string;
  readonly isDesktop: boolean;
  /** False when its owner says there is no video, or it is muted by a moderator. */
  readonly isAvailable: boolean;
  /** Largest height wanted: 0 never, Infinity unlimited. */
  readonly maxHeight: number;
  /** Most pictures per second that are wanted, Infinity unlimited. The lowest layer of all is sent all the same. */
  readonly maxFrameRate: number;
  readonly layers: readonly LayerState[];
  /** Layer that is sent so far, -1 when bandwidth was too low for any; absent before anything. */
  readonly currentLayer?: number | undefined;
}

/** Names of sources or ids of endpoints with their places in a list, 0 is the first. */
export type Priorities = ReadonlyMap<string, number>;

export interface SelectionRequest<T extends SelectableSource = SelectableSource> {
  /** In the order of speech, most recent speaker first. */
  readonly sources: readonly T[];
  readonly selected: Priorities;
  readonly onStage: Priorities;
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
}

/** Room there must be for a better layer than now, lest it goes again with the next frame. */
const UPSWITCH_MARGIN = 1.1;
/** The smallest layer of what is seen first of all goes on when at least so much of it fits: the estimate is not that sure. */
const LAST_MARGIN = 0.7;
/** Up to here a camera on stage is raised before others get anything. */
const PREFERRED_HEIGHT = 360;
/**
 * A layer apart is entered and left at key pictures of all layers, so it must fit easily: on the way down, for a fall is seldom over at
 * once, and on the way up, for the key picture makes it dearer for some seconds.
 */
const APART_DOWN_MARGIN = 1.5;
const APART_UP_MARGIN = 1.3;
/** What may be spent beyond what there is: for a screen on stage, to be legible at all, and a camera there, to be seen at all. */
const OVERSEND_BPS = 500_000;
/** Measured rates are not exact, and layers are apart by a factor of two. */
const FRAME_RATE_TOLERANCE = 1.2;
/** Ranks of sources that are not on stage: beyond all places in lists of names. */
const SELECTED_RANK = 1e6;
const OTHER_RANK = 2e6;

/** Assumed heights of one, two or three encodings (COLIBRI2 assumes the same). */
export function assumedHeight(index: number): number {
  return 180 << Math.min(index, 4);
}

export function prioritiesOf(names: readonly string[]): Priorities {
  const priorities = new Map<string, number>();
  for (const [place, name] of names.entries()) {
    if (!priorities.has(name)) priorities.set(name, place);
  }
  return priorities;
}

export class LayerSelector<T extends SelectableSource> {
  /** Of those that take part: wanted, and within last-N. The first in priority is the first. */
  readonly #plans: Plan<T>[] = [];
  #leftBps = 0;

  /**
   * In priority order; of sources that are not there, because nobody wants them or they are beyond last-N, nothing is to be sent.
   * Valid until the next call.
   */
  select(request: SelectionRequest<T>): readonly SourceSelection<T>[] {
    const { availableBps } = request;
    this.#prioritize(request);
    for (const plan of this.#plans) plan.begin();
    this.#leftBps = availableBps;
    this.#spend();
    const [first] = this.#plans;
    if (first?.isOnStage) {
      if (first.source.isDesktop) first.oversend(availableBps);
      else first.keepAlive(availableBps);
    }
    return this.#plans;
  }

  /** On stage, then selected, then by speech. */
  #prioritize({ sources, onStage, selected, lastN }: SelectionRequest<T>): void {
    const plans = this.#plans;
    const max = lastN < 0 ? sources.length : lastN;
    let count = 0;
    for (const source of sources) {
      if (max === 0 || !isWanted(source)) continue;
      const place = placeOf(onStage, source);
      const rank = place >= 0 ? place : rankOf(placeOf(selected, source));
      // In a large conference most get no further than here.
      if (count === max && rank >= plans[count - 1]!.rank) continue;
      if (count < max) {
        if (count === plans.length) plans.push(new Plan(source));
        count++;
      }
      this.#insert(count - 1, source, rank, place >= 0);
    }
    if (plans.length > count) plans.length = count;
  }

  /** Takes the place of plan `last`, and goes in front of those before that have a higher rank. */
  #insert(last: number, source: T, rank: number, isOnStage: boolean): void {
    const plans = this.#plans;
    const plan = plans[last]!;
    plan.source = source;
    plan.rank = rank;
    plan.isOnStage = isOnStage;
    let at = last;
    for (; at > 0 && plans[at - 1]!.rank > rank; at--) plans[at] = plans[at - 1]!;
    plans[at] = plan;
  }

  #spend(): void {
    const plans = this.#plans;
    for (let raised = true; raised; ) {
      raised = false;
      for (const plan of plans) {
        if (this.#raise(plan)) raised = true;
        while (plan.chosen < plan.preferred && this.#raise(plan)) raised = true;
        // On stage comes first: if it cannot have what it prefers, nobody else gets more than they have.
        if (plan.isOnStage && plan.chosen < Math.min(plan.preferred, plan.candidateCount - 1)) {
          break;
        }
      }
    }
  }

  /** By one layer, if there is bandwidth for it. */
  #raise(plan: Plan<T>): boolean {
    let next = plan.chosen + 1;
    if (next >= plan.candidateCount) return false;
    // Better and no dearer: then there is no reason to stop below it.
    while (next + 1 < plan.candidateCount && plan.cost(next + 1) <= plan.cost(next)) next++;
    const extraBps = plan.cost(next) - plan.cost(plan.chosen);
    const { currentLayer } = plan;
    const isUpswitch = currentLayer !== undefined && plan.candidates[next]! > currentLayer;
    const isLast = plan === this.#plans[0] && plan.chosen < 0 && (currentLayer ?? -1) >= 0;
    const margin = isLast ? LAST_MARGIN : isUpswitch ? UPSWITCH_MARGIN : 1;
    if (extraBps * margin > this.#leftBps) return false;
    const apartBps = plan.cost(next) * plan.apartMargin(next, this.#leftBps);
    if (apartBps - plan.cost(plan.chosen) > this.#leftBps) return false;
    this.#leftBps -= extraBps;
    plan.chosen = next;
    return true;
  }
}

function isWanted({ isAvailable, maxHeight }: SelectableSource): boolean {
  return isAvailable && maxHeight !== 0;
}

function rankOf(placeInSelected: number): number {
  return placeInSelected < 0 ? OTHER_RANK : SELECTED_RANK + placeInSelected;
}

/** Of the source by its name or its owner's; -1 for none. */
function placeOf(priorities: Priorities, { name, ownerId }: SelectableSource): number {
  if (priorities.size === 0) return -1;
  const own = priorities.get(name) ?? -1;
  const owner = priorities.get(ownerId) ?? -1;
  return own < 0 || owner < 0 ? Math.max(own, owner) : Math.min(own, owner);
}

/** What one source is to get. */
class Plan<T extends SelectableSource> implements SourceSelection<T> {
  source: T;
  rank = 0;
  isOnStage = false;
  /** Indexes of layers that may be sent, lowest first; of these, `candidateCount` count. */
  readonly candidates: number[] = [];
  candidateCount = 0;
  /** Position in `candidates` to reach before anybody further down gets more. */
  preferred = 0;
  /** Position in `candidates`, -1 for nothing yet. */
  chosen = -1;
  /** Of the source, looked up once. */
  currentLayer: number | undefined;

  constructor(source: T) {
    this.source = source;
  }

  get layerIndex(): number {
    return this.chosen < 0 ? -1 : this.candidates[this.chosen]!;
  }

  get idealLayerIndex(): number {
    return this.candidateCount === 0 ? -1 : this.candidates[this.candidateCount - 1]!;
  }

  /** Nothing is chosen yet. */
  begin(): void {
    this.chosen = -1;
    this.currentLayer = this.source.currentLayer;
    this.#findCandidates();
    this.preferred = this.isOnStage ? this.#preferredPosition() : 0;
  }

  /** Layers of the lowest height always are, as far as they are not too fast; the lowest layer even then. */
  #findCandidates(): void {
    const { layers, isDesktop, maxHeight } = this.source;
    const maxFrameRate = this.source.maxFrameRate * FRAME_RATE_TOLERANCE;
    // Nothing arrives: the source has just begun, so any of them may come.
    const isAnyActive = hasActive(layers);
    let lowest = -1;
    this.candidateCount = 0;
    for (let index = 0; index < layers.length; index++) {
      const { height, isFullRate, isActive, frameRate } = layers[index]!;
      if (isAnyActive && !isActive) continue;
      if (lowest < 0) lowest = height;
      else if (frameRate > maxFrameRate) continue;
      // Above the highest temporal layer of an encoding there is none of the same.
      const isFastest = isFullRate || layers[index + 1]!.frameRate > maxFrameRate;
      if (height === lowest || (height <= maxHeight && (isFastest || isDesktop))) {
        this.candidates[this.candidateCount++] = index;
      }
    }
  }

  #preferredPosition(): number {
    if (this.source.isDesktop) return this.candidateCount - 1;
    let preferred = 0;
    for (let position = 0; position < this.candidateCount; position++) {
      if (this.#heightAt(position) <= PREFERRED_HEIGHT) preferred = position;
    }
    return preferred;
  }

  #heightAt(position: number): number {
    return position < 0 ? 0 : this.source.layers[this.candidates[position]!]!.height;
  }

  /** A shared screen in which nothing can be read is worth less than some delay. */
  oversend(availableBps: number): void {
    const highest = this.#heightAt(this.candidateCount - 1);
    if (this.#heightAt(this.chosen) === highest) return;
    let position = 0;
    while (this.#heightAt(position) !== highest) position++;
    if (this.cost(position) <= availableBps + OVERSEND_BPS) this.chosen = position;
  }

  /** The smallest picture of a camera is sent all the same: of a link that just got worse too little is believed for some seconds. */
  keepAlive(availableBps: number): void {
    if (this.chosen >= 0 || this.candidateCount === 0) return;
    if (this.cost(0) <= availableBps + OVERSEND_BPS) this.chosen = 0;
  }

  /** For a layer apart: what it may cost is to fit so many times, with what is left beside what is chosen; 0 for others. */
  apartMargin(position: number, leftBps: number): number {
    const { layers, currentLayer } = this.source;
    const index = this.candidates[position]!;
    if (currentLayer === undefined || index === currentLayer || !layers[index]!.isApart) return 0;
    // The lowest is the last resort.
    if (layers[index]!.height === this.#heightAt(0)) return 0;
    if (index > currentLayer) return APART_UP_MARGIN;
    // Only a step on the way to what is sent already, and goes on.
    const current = this.candidates.indexOf(currentLayer);
    const isThere = current >= 0 && current < this.candidateCount;
    const goesOn = isThere && this.cost(current) - this.cost(this.chosen) <= leftBps;
    return goesOn ? 0 : APART_DOWN_MARGIN;
  }

  /** What is sent already costs what it does in the long run; more than that, what it may cost in a moment. */
  cost(position: number): number {
    if (position < 0) return 0;
    const index = this.candidates[position]!;
    const layer = this.source.layers[index]!;
    if (this.currentLayer === undefined) return layer.bitrateBps;
    return index > this.currentLayer ? layer.peakBps : layer.steadyBps;
  }
}

function hasActive(layers: readonly LayerState[]): boolean {
  for (const { isActive } of layers) if (isActive) return true;
  return false;
}
