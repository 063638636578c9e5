/** Tiles in rows and columns, as large as the area allows; scrolls when they would become too small. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { gridLayout } from './grid-layout.ts';
import { Tile } from './tile.tsx';
import styles from './tile-grid.module.css';
import type { TileModel } from './tile-model.ts';
import { useElementSize } from './use-element-size.ts';
import { visibleTiles } from './visible-tiles.ts';

const GAP_PX = 8;

interface TileGridProps {
  readonly label: string;
  readonly tiles: readonly TileModel[];
  /** Told whenever other tiles can be seen, or in another size. */
  readonly onVisible: (visible: ReadonlyMap<string, number>) => void;
  readonly onFirstFrame: () => void;
}

export function TileGrid({ label, tiles, onVisible, onFirstFrame }: TileGridProps) {
  const area = useRef<HTMLDivElement>(null);
  const { widthPx, heightPx } = useElementSize(area);
  const [scrollTopPx, setScrollTopPx] = useState(0);
  const layout = useMemo(
    () => gridLayout(tiles.length, widthPx, heightPx, GAP_PX),
    [tiles.length, widthPx, heightPx],
  );
  useEffect(() => {
    const keys = tiles.map(({ key }) => key);
    onVisible(visibleTiles(keys, layout, layout.scrolls ? scrollTopPx : 0, heightPx, GAP_PX));
  }, [tiles, layout, scrollTopPx, heightPx, onVisible]);
  return (
    <div
      ref={area}
      className={styles.area}
      // What scrolls must be reachable by keyboard.
      tabIndex={layout.scrolls ? 0 : undefined}
      onScroll={({ currentTarget }) => setScrollTopPx(currentTarget.scrollTop)}
    >
      <ul
        className={`${styles.list} ${layout.scrolls ? styles.scrolled : ''}`}
        aria-label={label}
        style={{ maxWidth: layout.columns * (layout.tileWidthPx + GAP_PX) }}
      >
        {tiles.map((tile) => (
          <Tile
            key={tile.key}
            tile={tile}
            widthPx={layout.tileWidthPx}
            heightPx={layout.tileHeightPx}
            onFirstFrame={tile.isSelf ? undefined : onFirstFrame}
          />
        ))}
      </ul>
    </div>
  );
}
