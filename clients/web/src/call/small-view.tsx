/** The call in a small window over everything else: who speaks or what is shared, and the buttons that one needs at once. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useEffect } from 'react';
import { createPortal } from 'react-dom';
import { useStore } from '../app/use-store.ts';
import { CameraIcon, MicrophoneIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { ControlButton } from './control-button.tsx';
import { LeaveButton } from './leave-button.tsx';
import { shortcutFor } from './shortcuts.ts';
import styles from './small-view.module.css';
import { TileGrid } from './tile-grid.tsx';
import type { TileModel } from './tile-model.ts';
import type { ToolbarAction } from './toolbar.tsx';

interface SmallViewProps {
  /** Where it is drawn. */
  readonly window: Window;
  readonly conference: Conference;
  readonly media: LocalMedia;
  readonly tile: TileModel | undefined;
  readonly keysOn: boolean;
  readonly onVisible: (visible: ReadonlyMap<string, number>) => void;
  readonly onFirstFrame: () => void;
  readonly onAction: (action: ToolbarAction) => void;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

export function SmallView(props: SmallViewProps) {
  const { window, conference, media, tile, keysOn, onVisible, onFirstFrame, onAction } = props;
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const { isVisitor } = useStore(conference.self);
  const texts = strings.toolbar;
  useEffect(() => () => onVisible(NOTHING), [onVisible]);
  return createPortal(
    <main
      className={styles.view}
      aria-label={texts.smallWindow}
      onKeyDown={(event) => {
        const action = keysOn ? shortcutFor(event, undefined) : undefined;
        if (action === 'microphone' || action === 'camera' || action === 'smallWindow') {
          onAction(action);
        }
      }}
    >
      <TileGrid
        label={strings.call.large}
        tiles={tile === undefined ? [] : [tile]}
        onVisible={onVisible}
        onFirstFrame={onFirstFrame}
        onExplain={() => onAction('connection')}
      />
      <div className={styles.buttons} role="toolbar" aria-label={texts.label}>
        {!isVisitor && (
          <ControlButton
            label={texts.microphone}
            hint={audio.muted ? texts.unmute : texts.mute}
            pressed={!audio.muted}
            off={audio.muted}
            onClick={() => onAction('microphone')}
          >
            <MicrophoneIcon off={audio.muted} />
          </ControlButton>
        )}
        {!isVisitor && (
          <ControlButton
            label={texts.camera}
            hint={video.muted ? texts.cameraOn : texts.cameraOff}
            pressed={!video.muted}
            off={video.muted}
            onClick={() => onAction('camera')}
          >
            <CameraIcon off={video.muted} />
          </ControlButton>
        )}
        <LeaveButton onClick={() => onAction('leave')} />
      </div>
    </main>,
    window.document.body,
  );
}
