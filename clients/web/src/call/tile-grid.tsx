/** Tiles in rows and columns, as large as the area allows; scrolls when they would become too small. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { gridLayout, stripLayout } from './grid-layout.ts';
import { Tile } from './tile.tsx';
import styles from './tile-grid.module.css';
import type { TileModel } from './tile-model.ts';
import { useElementSize } from './use-element-size.ts';
import { visibleTiles } from './visible-tiles.ts';

const GAP_PX = 8;

interface TileGridProps {
  readonly label: string;
  readonly tiles: readonly TileModel[];
  /** Beside or below somebody large. */
  readonly strip?: boolean;
  /** Told whenever other tiles can be seen, or in another size. */
  readonly onVisible: (visible: ReadonlyMap<string, number>) => void;
  readonly onFirstFrame: () => void;
  /** Of the tile that was chosen to be large. */
  readonly pinnedKey?: string | undefined;
  /** Undefined where nothing can be chosen. */
  readonly onPin?: (key: string) => void;
  /** Says what is wrong with the connections. */
  readonly onExplain: () => void;
}

export function TileGrid(props: TileGridProps) {
  const { label, tiles, strip = false, onVisible, onFirstFrame, pinnedKey, onPin } = props;
  const area = useRef<HTMLDivElement>(null);
  const { widthPx, heightPx } = useElementSize(area);
  const [scrolled, setScrolled] = useState({ topPx: 0, asidePx: 0 });
  const layout = useMemo(() => {
    const layoutOf = strip ? stripLayout : gridLayout;
    return layoutOf(tiles.length, widthPx, heightPx, GAP_PX);
  }, [tiles.length, widthPx, heightPx, strip]);
  useEffect(() => {
    const keys = tiles.map(({ key }) => key);
    const isAside = layout.scrolls === 'aside';
    const startPx = isAside ? scrolled.asidePx : scrolled.topPx;
    const window = { startPx: layout.scrolls ? startPx : 0, sizePx: isAside ? widthPx : heightPx };
    onVisible(visibleTiles(keys, layout, window, GAP_PX));
  }, [tiles, layout, scrolled, widthPx, heightPx, onVisible]);
  return (
    <div
      ref={area}
      className={styles.area}
      // What scrolls must be reachable by keyboard.
      tabIndex={layout.scrolls ? 0 : undefined}
      onScroll={({ currentTarget: { scrollTop, scrollLeft } }) =>
        // In right-to-left pages it counts down from 0.
        setScrolled({ topPx: scrollTop, asidePx: Math.abs(scrollLeft) })
      }
    >
      <ul
        className={`${styles.list} ${layout.scrolls ? styles[layout.scrolls] : ''}`}
        aria-label={label}
        style={
          layout.scrolls === 'aside'
            ? undefined
            : { maxWidth: layout.columns * (layout.tileWidthPx + GAP_PX) }
        }
      >
        {tiles.map((tile) => (
          <Tile
            key={tile.key}
            tile={tile}
            widthPx={layout.tileWidthPx}
            heightPx={layout.tileHeightPx}
            onFirstFrame={tile.isSelf ? undefined : onFirstFrame}
            pinned={tile.key === pinnedKey}
            onPin={onPin && (() => onPin(tile.key))}
            onExplain={props.onExplain}
          />
        ))}
      </ul>
    </div>
  );
}
