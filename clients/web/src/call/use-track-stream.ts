/** A stream around a track, the same one as long as the track is the same. */
import { useMemo } from 'react';

export function useTrackStream(track: MediaStreamTrack | undefined): MediaStream | undefined {
  return useMemo(() => (track === undefined ? undefined : new MediaStream([track])), [track]);
}
