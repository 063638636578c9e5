/** A picture from a camera or a shared screen. Silent: voices have their own elements. */
import { useEffect, useRef } from 'react';
import styles from './video-view.module.css';

interface VideoViewProps {
  readonly stream: MediaStream;
  readonly mirrored?: boolean;
  /** Shows all of it, with bars where the shape differs, instead of filling the tile. */
  readonly contain?: boolean;
  /** Keeps the element, so that the picture is back at once. */
  readonly hidden?: boolean;
  readonly label: string;
  readonly onFirstFrame?: () => void;
}

export function VideoView({
  stream,
  mirrored,
  contain,
  hidden,
  label,
  onFirstFrame,
}: VideoViewProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = stream;
    // A picture without sound may always play; a refusal comes only from a tile that is gone again.
    video.play().catch(() => {});
    return () => {
      video.srcObject = null;
    };
  }, [stream]);
  const classes = [
    styles.video,
    mirrored && styles.mirrored,
    contain && styles.contain,
    hidden && styles.hidden,
  ];
  return (
    <video
      ref={element}
      className={classes.filter(Boolean).join(' ')}
      aria-label={label}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      onLoadedData={onFirstFrame}
    />
  );
}
