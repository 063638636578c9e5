/** How many columns of tiles fill an area best. Sizes in CSS px. */

export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  /** Along which way there is more than fits: the area scrolls. */
  readonly scrolls: false | 'down' | 'aside';
}

/** Tiles may become as narrow as this to fill a tall screen, and as wide as 16:9. */
const MIN_RATIO = 1;
const MAX_RATIO = 16 / 9;
const MIN_TILE_HEIGHT_PX = 110;
/** Of tiles in a grid that scrolls. */
const SCROLLED_TILE_WIDTH_PX = 150;

/** Tries every number of columns and takes the one with the largest tiles. */
export function gridLayout(
  count: number,
  widthPx: number,
  heightPx: number,
  gapPx: number,
): GridLayout {
  let best: GridLayout | undefined;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const cellHeightPx = (heightPx - gapPx * (rows - 1)) / rows;
    const cellWidthPx = (widthPx - gapPx * (columns - 1)) / columns;
    if (cellHeightPx < MIN_TILE_HEIGHT_PX && count > 1) continue;
    const tileWidthPx = Math.max(0, Math.floor(Math.min(cellWidthPx, cellHeightPx * MAX_RATIO)));
    const tileHeightPx = Math.max(0, Math.floor(Math.min(cellHeightPx, tileWidthPx / MIN_RATIO)));
    if (best === undefined || tileWidthPx * tileHeightPx > best.tileWidthPx * best.tileHeightPx) {
      best = { columns, rows, tileWidthPx, tileHeightPx, scrolls: false };
    }
  }
  if (best !== undefined && (best.tileWidthPx >= MIN_TILE_HEIGHT_PX || count <= 1)) return best;
  return scrolledLayout(count, widthPx, gapPx);
}

/** As many columns of small tiles as fit, and as many rows as it takes. */
function scrolledLayout(count: number, widthPx: number, gapPx: number): GridLayout {
  const fitting = Math.floor((widthPx + gapPx) / (SCROLLED_TILE_WIDTH_PX + gapPx));
  const columns = Math.max(1, Math.min(count, fitting));
  const tileWidthPx = Math.max(0, Math.floor((widthPx - gapPx * (columns - 1)) / columns));
  const tileHeightPx = Math.floor(
    tileWidthPx === 0 ? 0 : Math.max(MIN_TILE_HEIGHT_PX, tileWidthPx / MAX_RATIO),
  );
  return { columns, rows: Math.ceil(count / columns), tileWidthPx, tileHeightPx, scrolls: 'down' };
}

/** Width of a tile by its height, in a strip. */
const STRIP_RATIO = 4 / 3;

/** One row below somebody large, which scrolls aside; beside somebody large, where it is tall, as any grid. */
export function stripLayout(
  count: number,
  widthPx: number,
  heightPx: number,
  gapPx: number,
): GridLayout {
  const tileWidthPx = Math.floor(heightPx * STRIP_RATIO);
  const fits = (tileWidthPx + gapPx) * count - gapPx <= widthPx;
  if (heightPx > widthPx || fits) return gridLayout(count, widthPx, heightPx, gapPx);
  return { columns: count, rows: 1, tileWidthPx, tileHeightPx: heightPx, scrolls: 'aside' };
}
