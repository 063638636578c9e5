/** The voices of the others: one element each, never shown. */
import type { RemoteTrack } from '@conclave/sdk';
import { useEffect, useRef } from 'react';

interface RemoteAudioProps {
  readonly tracks: readonly RemoteTrack[];
  /** Empty for the browser's choice. */
  readonly speakerId: string;
  /** The browser wants a click before it plays sound. */
  readonly onBlocked: () => void;
}

export function RemoteAudio({ tracks, speakerId, onBlocked }: RemoteAudioProps) {
  return tracks
    .filter(({ type }) => type === 'audio')
    .map(({ owner, stream }) => (
      <Voice
        key={stream.id}
        owner={owner}
        stream={stream}
        speakerId={speakerId}
        onBlocked={onBlocked}
      />
    ));
}

interface VoiceProps {
  /** Endpoint id. */
  readonly owner: string;
  readonly stream: MediaStream;
  readonly speakerId: string;
  readonly onBlocked: () => void;
}

function Voice({ owner, stream, speakerId, onBlocked }: VoiceProps) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = stream;
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
    return () => {
      audio.srcObject = null;
    };
  }, [stream, onBlocked]);
  useEffect(() => {
    // A loudspeaker that was unplugged: the browser goes on with another one.
    if (speakerId !== '') element.current?.setSinkId?.(speakerId).catch(() => {});
  }, [speakerId]);
  // biome-ignore lint/a11y/useMediaCaption: live speech
  return <audio ref={element} autoPlay data-participant={owner} />;
}
