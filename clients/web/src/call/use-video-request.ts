/** Asks the bridge for what the grids of tiles and the small window show; for no more than that window while nobody looks at the page. */
import type { Conference } from '@conclave/sdk';
import { useCallback, useEffect, useRef } from 'react';
import type { Arrangement } from './stage.ts';
import { videoLayoutOf } from './tile-model.ts';
import { usePageVisibility } from './use-page-visibility.ts';
import { heightLimitPx, type VideoQuality } from './video-quality.ts';

/** Keys of the tiles on the screen, each with its height in CSS px. */
type Visible = ReadonlyMap<string, number>;

const NOTHING: Visible = new Map();

/** Tiles find their places one after the other. What was asked for in between would switch cameras off and on again. */
const SETTLE_MS = 50;

export interface VideoRequest {
  readonly onStageVisible: (visible: Visible) => void;
  readonly onOthersVisible: (visible: Visible) => void;
  /** In the small window over everything else. */
  readonly onSmallVisible: (visible: Visible) => void;
}

export function useVideoRequest(
  conference: Conference,
  { stage: large, others: rest }: Arrangement,
  quality: VideoQuality,
): VideoRequest {
  const isVisible = usePageVisibility();
  const stage = useRef<Visible>(NOTHING);
  const others = useRef<Visible>(NOTHING);
  const small = useRef<Visible>(NOTHING);
  const send = useCallback(() => {
    const page = isVisible ? [...others.current, ...stage.current] : [];
    const visible = largestOf([...page, ...small.current]);
    const wish = {
      stageKeys: new Set(isVisible ? large.map(({ key }) => key) : small.current.keys()),
      pixelRatio: window.devicePixelRatio,
      limitPx: heightLimitPx(quality),
    };
    conference.media.setLayout(videoLayoutOf([...large, ...rest], visible, wish));
  }, [conference, large, rest, isVisible, quality]);
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(send);
  const ask = useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, SETTLE_MS);
  }, []);
  const stageIsEmpty = large.length === 0;
  useEffect(() => {
    latest.current = send;
    if (stageIsEmpty) stage.current = NOTHING;
    ask();
  }, [send, stageIsEmpty, ask]);
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  const onStageVisible = useCallback(
    (visible: Visible) => {
      stage.current = visible;
      ask();
    },
    [ask],
  );
  const onOthersVisible = useCallback(
    (visible: Visible) => {
      others.current = visible;
      ask();
    },
    [ask],
  );
  const onSmallVisible = useCallback(
    (visible: Visible) => {
      small.current = visible;
      ask();
    },
    [ask],
  );
  return { onStageVisible, onOthersVisible, onSmallVisible };
}

/** Each key once, with the greatest of its heights. */
function largestOf(entries: readonly (readonly [string, number])[]): Visible {
  const largest = new Map<string, number>();
  for (const [key, heightPx] of entries) {
    largest.set(key, Math.max(heightPx, largest.get(key) ?? 0));
  }
  return largest;
}
