/** Who is shown large at the moment, as the person wishes and as the conversation goes. */
import type { Participant } from '@conclave/sdk';
import { useMemo, useRef, useState } from 'react';
import { type Arrangement, arrange, mostImportant, speakerAfter, type View } from './stage.ts';
import type { TileModel } from './tile-model.ts';

export interface Pinning {
  readonly pinnedKey: string | undefined;
  /** Shows this tile large, or no longer. */
  readonly togglePin: (key: string) => void;
  /** Where there is room for one. */
  readonly foremost: TileModel | undefined;
}

export function useArrangement(
  tiles: readonly TileModel[],
  view: View,
  dominantSpeaker: string | undefined,
  others: readonly Participant[],
): Arrangement & Pinning {
  const [pinnedKey, setPinnedKey] = useState<string | undefined>(undefined);
  const last = useRef<string | undefined>(undefined);
  const speakerId = speakerAfter(last.current, dominantSpeaker, others);
  last.current = speakerId;
  const arrangement = useMemo(
    () => arrange(tiles, { view, pinnedKey, speakerId }),
    [tiles, view, pinnedKey, speakerId],
  );
  const togglePin = (key: string) => setPinnedKey(key === pinnedKey ? undefined : key);
  const foremost = mostImportant(tiles, { pinnedKey, speakerId });
  return { ...arrangement, pinnedKey, togglePin, foremost };
}
