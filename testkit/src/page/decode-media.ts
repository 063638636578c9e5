/** Runs in the page: decodes frames that another WebRTC stack received, which itself decodes nothing (WebCodecs). */
import { type PictureReading, readImage } from './read-media.ts';

/** An encoded frame as it can be handed to a page. */
export interface EncodedFrame {
  readonly isKey: boolean;
  readonly base64: string;
}

const chunkOf = ({ isKey, base64 }: EncodedFrame, index: number) => ({
  type: isKey ? ('key' as const) : ('delta' as const),
  timestamp: index,
  data: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
});

/** What the last of `frames` of VP8 shows, a key frame being the first. Rejects when one of them cannot be decoded. */
export function decodePictures(frames: readonly EncodedFrame[]): Promise<PictureReading> {
  return new Promise((resolve, reject) => {
    let reading: PictureReading = { width: 0, height: 0 };
    const decoder = new VideoDecoder({
      output(frame) {
        const { displayWidth: width, displayHeight: height } = frame;
        reading = { width, height, ...readImage(frame) };
        frame.close();
      },
      error: reject,
    });
    decoder.configure({ codec: 'vp8' });
    for (const [i, frame] of frames.entries())
      decoder.decode(new EncodedVideoChunk(chunkOf(frame, i)));
    decoder.flush().then(() => resolve(reading), reject);
  });
}

/** The loudest sample of Opus packets, 0..1. Rejects when one of them cannot be decoded. */
export function decodePeak(frames: readonly EncodedFrame[]): Promise<number> {
  return new Promise((resolve, reject) => {
    let peak = 0;
    const decoder = new AudioDecoder({
      output(audio) {
        const samples = new Float32Array(audio.numberOfFrames);
        audio.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
        for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
        audio.close();
      },
      error: reject,
    });
    decoder.configure({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 });
    for (const [i, frame] of frames.entries())
      decoder.decode(new EncodedAudioChunk(chunkOf(frame, i)));
    decoder.flush().then(() => resolve(peak), reject);
  });
}
