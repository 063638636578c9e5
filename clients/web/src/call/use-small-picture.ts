/** What a small window with a picture alone shows, and that it is asked for. Our own window asks for itself (`SmallView`). */
import { useEffect } from 'react';
import type { TileModel } from './tile-model.ts';
import type { PictureInPicture } from './use-picture-in-picture.ts';

/** Browsers do not say how large it is; about a quarter of a screen. */
const HEIGHT_PX = 270;
const NOTHING: ReadonlyMap<string, number> = new Map();

export function useSmallPicture(
  { show, isOpen, window }: PictureInPicture,
  tile: TileModel | undefined,
  onVisible: (visible: ReadonlyMap<string, number>) => void,
): void {
  const stream = tile?.stream;
  useEffect(() => show(stream), [show, stream]);
  const key = tile?.key;
  const isPicture = isOpen && window === undefined;
  useEffect(() => {
    if (!isPicture || key === undefined) return;
    onVisible(new Map([[key, HEIGHT_PX]]));
    return () => onVisible(NOTHING);
  }, [isPicture, key, onVisible]);
}
