/** Runs in the page: says whose signed picture or tone a received track really carries. */
import { brightnessOf, type Signature, signatureOf } from './block-code.ts';
import { numbersInSpectrum } from './tone.ts';

export interface PictureReading extends Partial<Signature> {
  /** Size of the last decoded picture in px; 0 before the first. */
  readonly width: number;
  readonly height: number;
}

/** Size at which pictures are read, in px: one cell has 20 x 20. */
const READ_WIDTH = 160;
const READ_HEIGHT = 80;

const videos = new WeakMap<MediaStreamTrack, HTMLVideoElement>();
let canvas: HTMLCanvasElement | undefined;

/** Reads the picture that `track` shows now; `number` and `counter` lack when it is not a signature. */
export function readPictureTrack(track: MediaStreamTrack): PictureReading {
  let video = videos.get(track);
  if (video === undefined) {
    video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    void video.play().catch(() => {}); // fails when the track ends first; the reading stays empty
    videos.set(track, video);
  }
  return readPictureElement(video);
}

/** The same for a `<video>` of the page. */
export function readPictureElement(video: HTMLVideoElement): PictureReading {
  const size = { width: video.videoWidth, height: video.videoHeight };
  if (size.width === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return size;
  return { ...size, ...readImage(video) };
}

/** What a picture says; undefined when it is not a signature. */
export function readImage(image: CanvasImageSource): Signature | undefined {
  canvas ??= document.createElement('canvas');
  canvas.width = READ_WIDTH;
  canvas.height = READ_HEIGHT;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(image, 0, 0, READ_WIDTH, READ_HEIGHT);
  const { data } = context.getImageData(0, 0, READ_WIDTH, READ_HEIGHT);
  return signatureOf(brightnessOf(data, READ_WIDTH, READ_HEIGHT));
}

interface Listener {
  readonly analyser: AnalyserNode;
  readonly levelsDb: Float32Array<ArrayBuffer>;
  readonly audio: HTMLAudioElement;
}

const listeners = new WeakMap<MediaStreamTrack, Listener>();
let audioContext: AudioContext | undefined;

/** The numbers whose tones `track` carries now: one for an honest track, none while silent. */
export function readToneTrack(track: MediaStreamTrack): number[] {
  audioContext ??= new AudioContext();
  let listener = listeners.get(track);
  if (listener === undefined) {
    const stream = new MediaStream([track]);
    // Chromium feeds a remote track into Web Audio only while some element plays it.
    const audio = new Audio();
    audio.muted = true;
    audio.srcObject = stream;
    void audio.play().catch(() => {});
    const analyser = audioContext.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0.3;
    audioContext.createMediaStreamSource(stream).connect(analyser);
    const levelsDb = new Float32Array(analyser.frequencyBinCount);
    listener = { analyser, levelsDb, audio };
    listeners.set(track, listener);
  }
  listener.analyser.getFloatFrequencyData(listener.levelsDb);
  return numbersInSpectrum(listener.levelsDb, audioContext.sampleRate / listener.analyser.fftSize);
}
