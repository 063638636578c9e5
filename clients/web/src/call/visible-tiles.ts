/** Which tiles of a scrolled grid can be seen. */
import type { GridLayout } from './grid-layout.ts';

/** Keys of the tiles on screen, each with the height of its tile in CSS px. */
export function visibleTiles(
  keys: readonly string[],
  { columns, tileHeightPx }: GridLayout,
  scrollTopPx: number,
  areaHeightPx: number,
  gapPx: number,
): Map<string, number> {
  const rowPx = tileHeightPx + gapPx;
  const visible = new Map<string, number>();
  if (rowPx <= 0 || areaHeightPx <= 0) return visible;
  for (const [index, key] of keys.entries()) {
    const topPx = Math.floor(index / columns) * rowPx;
    if (topPx + tileHeightPx > scrollTopPx && topPx < scrollTopPx + areaHeightPx) {
      visible.set(key, tileHeightPx);
    }
  }
  return visible;
}
