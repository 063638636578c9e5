/** Which tiles of a scrolled grid can be seen. */
import type { GridLayout } from './grid-layout.ts';

/** What can be seen of the area, along the way in which it scrolls. */
export interface ScrollWindow {
  readonly startPx: number;
  readonly sizePx: number;
}

/** Keys of the tiles on screen, each with the height of its tile in CSS px. */
export function visibleTiles(
  keys: readonly string[],
  { columns, tileWidthPx, tileHeightPx, scrolls }: GridLayout,
  window: ScrollWindow,
  gapPx: number,
): Map<string, number> {
  const isAside = scrolls === 'aside';
  const tilePx = isAside ? tileWidthPx : tileHeightPx;
  const visible = new Map<string, number>();
  if (tilePx + gapPx <= 0 || window.sizePx <= 0) return visible;
  for (const [index, key] of keys.entries()) {
    const place = isAside ? index : Math.floor(index / columns);
    const startPx = place * (tilePx + gapPx);
    if (startPx + tilePx > window.startPx && startPx < window.startPx + window.sizePx) {
      visible.set(key, tileHeightPx);
    }
  }
  return visible;
}
