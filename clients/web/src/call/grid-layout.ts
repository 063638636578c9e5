/** How many columns of tiles fill an area best. Sizes in CSS px. */

export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  /** More rows than fit: the area scrolls. */
  readonly scrolls: boolean;
}

/** Tiles may become as narrow as this to fill a tall screen, and as wide as 16:9. */
const MIN_RATIO = 1;
const MAX_RATIO = 16 / 9;
const MIN_TILE_HEIGHT_PX = 110;

/** Tries every number of columns and takes the one with the largest tiles. */
export function gridLayout(
  count: number,
  widthPx: number,
  heightPx: number,
  gapPx: number,
): GridLayout {
  let best: GridLayout = { columns: 1, rows: 1, tileWidthPx: 0, tileHeightPx: 0, scrolls: false };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const cellWidthPx = (widthPx - gapPx * (columns - 1)) / columns;
    const fairHeightPx = (heightPx - gapPx * (rows - 1)) / rows;
    const scrolls = fairHeightPx < MIN_TILE_HEIGHT_PX;
    const cellHeightPx = Math.max(fairHeightPx, MIN_TILE_HEIGHT_PX);
    if (cellWidthPx < MIN_TILE_HEIGHT_PX && columns > 1) break;
    const tileWidthPx = Math.max(0, Math.min(cellWidthPx, cellHeightPx * MAX_RATIO));
    const tileHeightPx = Math.max(0, Math.min(cellHeightPx, tileWidthPx / MIN_RATIO));
    const isBetter = best.scrolls && !scrolls;
    const isWorse = !best.scrolls && scrolls && best.tileWidthPx > 0;
    const isLarger = tileWidthPx * tileHeightPx > best.tileWidthPx * best.tileHeightPx;
    if (isBetter || (!isWorse && isLarger)) {
      best = { columns, rows, tileWidthPx, tileHeightPx, scrolls };
    }
  }
  return {
    ...best,
    tileWidthPx: Math.floor(best.tileWidthPx),
    tileHeightPx: Math.floor(best.tileHeightPx),
  };
}
