/** Runs in the page of our own client: everyone else as it shows and plays them. */
import type { RemoteParticipant } from './call-client.ts';

/** Refers to nothing but the page, so that its text can be sent to any browser. @param ownId whose tile is our own */
export function readTiles(ownId: string): RemoteParticipant[] {
  const remote = new Map<string, RemoteParticipant>();
  for (const tile of document.querySelectorAll<HTMLElement>('li[data-participant]')) {
    const id = tile.dataset.participant ?? '';
    // A shared screen has a tile of its own beside that of the person.
    if (id === ownId || tile.dataset.screen !== undefined) continue;
    const displayName = (tile.getAttribute('aria-label') ?? '').split(',')[0] ?? '';
    const pictures = [...tile.querySelectorAll('video')].map((video) =>
      window.signedMedia.readPictureElement(video),
    );
    const voices = document.querySelectorAll<HTMLAudioElement>(`audio[data-participant="${id}"]`);
    const tones = [...voices].flatMap(({ srcObject }) =>
      srcObject instanceof MediaStream
        ? srcObject.getAudioTracks().flatMap((track) => window.signedMedia.readToneTrack(track))
        : [],
    );
    remote.set(id, { id, displayName, pictures, tones });
  }
  return [...remote.values()];
}
