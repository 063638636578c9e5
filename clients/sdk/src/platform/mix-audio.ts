/** Several audio tracks played into one, by the browser (W3C Web Audio). */
import type { AudioMix } from '../media/outgoing-audio.ts';

export function mixAudio(tracks: readonly MediaStreamTrack[]): AudioMix {
  const context = new AudioContext();
  // The click that led here may be too long ago for Safari.
  context.resume().catch(() => {});
  const destination = context.createMediaStreamDestination();
  for (const track of tracks) {
    context.createMediaStreamSource(new MediaStream([track])).connect(destination);
  }
  const [track] = destination.stream.getAudioTracks();
  if (track === undefined) throw new Error('the mix has no track');
  return {
    track,
    close: () => {
      track.stop();
      // Closing a context fails only when it is closed already.
      context.close().catch(() => {});
    },
  };
}
