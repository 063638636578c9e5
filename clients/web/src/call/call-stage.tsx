/** The pictures of the call: who is large, and everybody else. */
import type { Conference, LocalMedia, LocalScreen } from '@conclave/sdk';
import { useMemo, useRef } from 'react';
import { useSame } from '../app/use-same.ts';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import styles from './call-stage.module.css';
import { SmallView } from './small-view.tsx';
import type { View } from './stage.ts';
import { TileGrid } from './tile-grid.tsx';
import { tilesOf } from './tile-model.ts';
import type { ToolbarAction } from './toolbar.tsx';
import { useArrangement } from './use-arrangement.ts';
import type { PictureInPicture } from './use-picture-in-picture.ts';
import { useReactions } from './use-reactions.ts';
import { useSmallPicture } from './use-small-picture.ts';
import { useTrackStream } from './use-track-stream.ts';
import { useVideoRequest } from './use-video-request.ts';
import type { VideoQuality } from './video-quality.ts';

interface CallStageProps {
  readonly conference: Conference;
  readonly media: LocalMedia;
  readonly screen: LocalScreen;
  readonly view: View;
  readonly quality: VideoQuality;
  readonly small: PictureInPicture;
  readonly keysOn: boolean;
  readonly onFirstFrame: () => void;
  /** Of the buttons on tiles and in the small window. */
  readonly onAction: (action: ToolbarAction) => void;
}

export function CallStage(props: CallStageProps) {
  const { conference, media, screen, view, quality, small, onFirstFrame } = props;
  const self = useStore(conference.self);
  const participants = useStore(conference.participants);
  const tracks = useStore(conference.media.remoteTracks);
  const dominantSpeaker = useStore(conference.media.dominantSpeaker);
  const forwarded = useStore(conference.media.forwardedSources);
  const qualities = useStore(conference.media.quality.all);
  const reactions = useReactions(conference);
  const selfStream = useTrackStream(useStore(media.video).track);
  const screenStream = useTrackStream(useStore(screen.track));
  const input = useSame({
    self,
    selfStream,
    screenStream,
    participants,
    tracks,
    dominantSpeaker,
    forwarded,
    showsPictures: quality !== 'none',
    qualities,
    reactions,
  });
  const tiles = useMemo(() => tilesOf(input), [input]);
  const arrangement = useArrangement(tiles, view, dominantSpeaker, participants);
  const { stage, others, pinnedKey, togglePin, foremost } = arrangement;
  const root = useRef<HTMLDivElement>(null);
  const onPin = (key: string) => {
    togglePin(key);
    // The tile moves to the other grid, and the focus with it.
    requestAnimationFrame(() => {
      root.current?.querySelector<HTMLElement>(`[data-pin="${CSS.escape(key)}"]`)?.focus();
    });
  };
  const request = useVideoRequest(conference, arrangement, quality);
  useSmallPicture(small, foremost, request.onSmallVisible);
  const onExplain = () => props.onAction('connection');
  // Who is alone has nobody to be larger than.
  const pinning = tiles.length > 1 ? { pinnedKey, onPin } : {};
  return (
    <div className={styles.stage} ref={root}>
      {stage.length > 0 && (
        <div className={styles.large}>
          <TileGrid
            label={
              stage.every(({ isScreen }) => isScreen) ? strings.call.screens : strings.call.large
            }
            tiles={stage}
            onVisible={request.onStageVisible}
            onFirstFrame={onFirstFrame}
            onExplain={onExplain}
            {...pinning}
          />
        </div>
      )}
      {others.length > 0 && (
        <TileGrid
          label={strings.call.participants}
          tiles={others}
          strip={stage.length > 0}
          onVisible={request.onOthersVisible}
          onFirstFrame={onFirstFrame}
          onExplain={onExplain}
          {...pinning}
        />
      )}
      {small.window !== undefined && (
        <SmallView
          window={small.window}
          conference={conference}
          media={media}
          tile={foremost}
          keysOn={props.keysOn}
          onVisible={request.onSmallVisible}
          onFirstFrame={onFirstFrame}
          onAction={props.onAction}
        />
      )}
    </div>
  );
}
