/** werift, a WebRTC stack in TypeScript: takes packets apart but decodes nothing. */
import { RTCPeerConnection } from 'werift';
import type { LineReading, Peer } from './peer.ts';

export class WeriftPeer implements Peer {
  readonly log = '';
  readonly #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly #counts = new Map<string, { readonly kind: 'audio' | 'video'; count: number }>();

  constructor() {
    this.#connection.onTrack.subscribe((track) => {
      const transceiver = this.#connection
        .getTransceivers()
        .find(({ receiver }) => receiver.tracks.includes(track));
      const mid = transceiver?.mid ?? '';
      const line = {
        kind: track.kind === 'audio' ? ('audio' as const) : ('video' as const),
        count: 0,
      };
      this.#counts.set(mid, line);
      track.onReceiveRtp.subscribe(() => line.count++);
    });
  }

  async answer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const answer = await this.#connection.createAnswer();
    await this.#connection.setLocalDescription(answer);
    return this.#connection.localDescription?.sdp ?? '';
  }

  read(): ReadonlyMap<string, LineReading> {
    return this.#counts;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
