/**
 * werift, a WebRTC stack in TypeScript: takes packets and frames apart but decodes nothing, which the page of a browser does
 * for it.
 */
import type { EncodedFrame } from '@conclave/testkit/browser';
import type { Page } from 'playwright-core';
import { RTCPeerConnection, type RtpPacket, Vp8RtpPayload } from 'werift';
import type { LineReading, Peer } from './peer.ts';

/** So many frames are enough, from the first key frame on. */
const MAX_FRAMES = 120;
/** Of 1. */
const AUDIBLE_PEAK = 0.03;

/** The frames of one line. */
interface Line {
  readonly kind: 'audio' | 'video';
  readonly frames: EncodedFrame[];
}

export class WeriftPeer implements Peer {
  readonly log = '';
  readonly #page: Page;
  readonly #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly #lines = new Map<string, Line>();

  /** `page`: of `openParticipant`. */
  constructor(page: Page) {
    this.#page = page;
    this.#connection.onTrack.subscribe((track) => {
      const transceiver = this.#connection
        .getTransceivers()
        .find(({ receiver }) => receiver.tracks.includes(track));
      const mid = transceiver?.mid ?? '';
      const kind = track.kind === 'audio' ? ('audio' as const) : ('video' as const);
      const frames: EncodedFrame[] = [];
      this.#lines.set(mid, { kind, frames });
      const take = kind === 'audio' ? takeVoice : pictureTaker();
      track.onReceiveRtp.subscribe((packet) => {
        if (frames.length < MAX_FRAMES) take(packet, frames);
      });
    });
  }

  async answer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const answer = await this.#connection.createAnswer();
    await this.#connection.setLocalDescription(answer);
    return this.#connection.localDescription?.sdp ?? '';
  }

  async read(): Promise<ReadonlyMap<string, LineReading>> {
    const readings = new Map<string, LineReading>();
    for (const [mid, { kind, frames }] of this.#lines) {
      if (frames.length === 0) continue;
      const count = frames.length;
      if (kind === 'video') {
        const { number } = await this.#page.evaluate(
          (all) => window.signedMedia.decodePictures(all),
          frames,
        );
        readings.set(mid, { kind, count, number });
      } else {
        const peak = await this.#page.evaluate((all) => window.signedMedia.decodePeak(all), frames);
        readings.set(mid, { kind, count, isAudible: peak > AUDIBLE_PEAK });
      }
    }
    return readings;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function takeVoice({ payload }: RtpPacket, frames: EncodedFrame[]): void {
  // Every packet of Opus can be decoded by itself.
  frames.push({ isKey: true, base64: payload.toString('base64') });
}

/** Puts whole frames of VP8 together, from a key frame on; after a gap it waits for the next one. */
function pictureTaker(): (packet: RtpPacket, frames: EncodedFrame[]) => void {
  let parts: Buffer[] = [];
  let isKey = false;
  let nextSeq = -1;
  return ({ header, payload }, frames) => {
    if (payload.length === 0) return; // padding
    const vp8 = Vp8RtpPayload.deSerialize(payload);
    if (header.sequenceNumber !== nextSeq) {
      // What builds on what is lost cannot be decoded.
      frames.length = 0;
      parts = [];
    }
    nextSeq = (header.sequenceNumber + 1) & 0xffff;
    if (parts.length === 0) isKey = vp8.isKeyframe;
    parts.push(vp8.payload);
    if (!header.marker) return;
    const frame = { isKey, base64: Buffer.concat(parts).toString('base64') };
    parts = [];
    if (isKey || frames.length > 0) frames.push(frame);
  };
}
