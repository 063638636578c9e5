/** A stream around a track, the same one as long as the track is the same. */
import { useMemo } from 'react';

export function useTrackStream(track: MediaStreamTrack | undefined): MediaStream | undefined {
  return useMemo(() => (track === undefined ? undefined : new MediaStream([track])), [track]);
}

/** A camera that looks away from us shows the world as it is; the other one shows us as in a mirror. */
export function isMirror(stream: MediaStream | undefined): boolean {
  const [track] = stream?.getVideoTracks() ?? [];
  return track?.getSettings().facingMode !== 'environment';
}
