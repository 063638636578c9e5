/** One person, or one shared screen. */
import { HandIcon, MicrophoneIcon, PinIcon, PoorConnectionIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { Avatar } from './avatar.tsx';
import styles from './tile.module.css';
import type { TileModel } from './tile-model.ts';
import { isMirror } from './use-track-stream.ts';
import { VideoView } from './video-view.tsx';

/** Below this pictures and voices suffer, and people should know why. */
const POOR_QUALITY = 60;

interface TileProps {
  readonly tile: TileModel;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly onFirstFrame?: (() => void) | undefined;
  /** Chosen to be large. */
  readonly pinned: boolean;
  readonly onPin?: (() => void) | undefined;
  /** Says what is wrong with the connection. */
  readonly onExplain: () => void;
}

export function Tile(props: TileProps) {
  const { tile, widthPx, heightPx, onFirstFrame, pinned, onPin, onExplain } = props;
  const { isScreen, isSelf, label, stream, suspended, audioMuted, speaking, handRaised } = tile;
  const isPoor = tile.quality !== undefined && tile.quality < POOR_QUALITY;
  const classes = [styles.tile, speaking && styles.speaking];
  const states = [
    speaking && strings.call.speaking,
    audioMuted && !isScreen && strings.call.muted,
    handRaised && strings.call.handRaised,
    isPoor && strings.call.poorConnection,
    suspended && strings.call.pictureSuspended,
  ].filter((state) => typeof state === 'string');
  return (
    <li
      className={classes.filter(Boolean).join(' ')}
      style={{ width: widthPx, height: heightPx }}
      aria-label={[label, ...states].join(', ')}
      data-participant={tile.participantId}
      data-screen={isScreen ? '' : undefined}
      onDoubleClick={onPin}
    >
      {/* Under the picture, so that there is something to see until the first frame. */}
      <Avatar id={tile.participantId} name={tile.name} />
      {stream !== undefined && (
        <VideoView
          stream={stream}
          mirrored={isSelf && !isScreen && isMirror(stream)}
          contain={isScreen}
          hidden={suspended}
          label={label}
          {...(onFirstFrame !== undefined && { onFirstFrame })}
        />
      )}
      {handRaised && (
        <span className={styles.hand} title={strings.call.handRaised}>
          <HandIcon />
        </span>
      )}
      {tile.reaction !== undefined && (
        <span key={tile.reaction} className={styles.reaction} aria-hidden="true">
          {tile.reaction}
        </span>
      )}
      {(isPoor || suspended) && (
        <button
          type="button"
          className={`${styles.poor} ${isPoor ? '' : styles.late}`}
          aria-label={strings.call.whyPoor(label)}
          title={suspended ? strings.call.pictureSuspended : strings.call.poorConnection}
          onClick={onExplain}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <PoorConnectionIcon />
        </button>
      )}
      {onPin !== undefined && (
        <button
          type="button"
          className={`${styles.pin} ${pinned ? styles.pinned : ''}`}
          aria-label={strings.call.pin(label)}
          aria-pressed={pinned}
          data-pin={tile.key}
          title={pinned ? strings.call.unpinHint : strings.call.pinHint}
          onClick={onPin}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <PinIcon />
        </button>
      )}
      <span className={styles.name}>
        {audioMuted && !isScreen && (
          <span className={styles.muted} title={strings.call.muted}>
            <MicrophoneIcon off />
          </span>
        )}
        <span className={styles.text} dir="auto">
          {label}
        </span>
      </span>
    </li>
  );
}
