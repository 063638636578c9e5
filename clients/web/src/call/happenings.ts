/** Who came, went, raised a hand or wrote a moment ago: said in a few lines, however many they are. */

export type HappeningType = 'joined' | 'left' | 'hand' | 'message';

export interface Happening {
  /** Unique for as long as it is shown. */
  readonly id: number;
  readonly type: HappeningType;
  /** Of the last one. */
  readonly name: string;
  /** How many more did the same. */
  readonly others: number;
  /** Of a message: what was written last. */
  readonly text: string;
}

const MAX_SHOWN = 3;

/** Newest last. What happens again while it is still said is said in the same line, which begins anew. */
export function withHappening(
  shown: readonly Happening[],
  { type, name, id, text }: Omit<Happening, 'others'>,
): readonly Happening[] {
  const same = shown.find((happening) => happening.type === type);
  const others = same === undefined ? 0 : same.others + 1;
  const rest = shown.filter((happening) => happening !== same);
  return [...rest.slice(1 - MAX_SHOWN), { id, type, name, others, text }];
}
