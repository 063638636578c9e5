/** Who is shown large, and who small beside them. */
import type { Participant } from '@conclave/sdk';
import type { TileModel } from './tile-model.ts';

/** Everybody in the same size, or who speaks large. */
export type View = 'tiles' | 'speaker';

export interface StageWish {
  readonly view: View;
  /** Key of the tile that was chosen to be large, whatever happens. */
  readonly pinnedKey: string | undefined;
  /** Participant id of who speaks, or spoke last; never ourselves. */
  readonly speakerId: string | undefined;
}

export interface Arrangement {
  /** Empty: all are alike. */
  readonly stage: readonly TileModel[];
  readonly others: readonly TileModel[];
}

/** What was chosen comes before the screens that others share, and these before who speaks. */
export function arrange(tiles: readonly TileModel[], wish: StageWish): Arrangement {
  const large = new Set(largeTiles(tiles, wish));
  // Alone nobody is larger than the others.
  const stage = tiles.length > 1 || [...large].some(({ isScreen }) => isScreen) ? large : new Set();
  return {
    stage: tiles.filter((tile) => stage.has(tile)),
    others: tiles.filter((tile) => !stage.has(tile)),
  };
}

function largeTiles(
  tiles: readonly TileModel[],
  { view, pinnedKey, speakerId }: StageWish,
): readonly TileModel[] {
  const pinned = tiles.filter(({ key }) => key === pinnedKey);
  if (pinned.length > 0) return pinned;
  // What we share we know; those we talk to are to be seen.
  const others = tiles.filter(({ isSelf }) => !isSelf);
  const screens = others.filter(({ isScreen }) => isScreen);
  if (screens.length > 0 || view === 'tiles') return screens;
  const speaker = others.find(({ participantId }) => participantId === speakerId) ?? others[0];
  return speaker === undefined ? [] : [speaker];
}

/** The one that a small window has room for: what was chosen, what is shared, who speaks, and ourselves only when alone. */
export function mostImportant(
  tiles: readonly TileModel[],
  wish: Omit<StageWish, 'view'>,
): TileModel | undefined {
  return largeTiles(tiles, { ...wish, view: 'speaker' })[0] ?? tiles[0];
}

/** Who is large while they speak, and until somebody else does; ourselves we know. */
export function speakerAfter(
  before: string | undefined,
  dominantSpeaker: string | undefined,
  others: readonly Participant[],
): string | undefined {
  const isHere = (id: string | undefined) => others.some((person) => person.id === id);
  if (isHere(dominantSpeaker)) return dominantSpeaker;
  return isHere(before) ? before : undefined;
}
