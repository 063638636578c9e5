/**
 * Runs in the page: camera and microphone that carry the participant's number. Replaces
 * `getUserMedia`, so that any client, also one that is not ours, sends a signed picture and tone.
 */
import { COLUMNS, cellsOf, ROWS } from './block-code.ts';
import { toneHzOf } from './tone.ts';

export interface SignedMediaOptions {
  /** The participant's number, 1..20. */
  readonly number: number;
  /** The camera's size in px and frames per second. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Grain over the picture, so that it costs an encoder what a real camera's costs; default none. */
  readonly isGrainy?: boolean;
  /** Whether the browser's own fake microphone has the participant's tone already; default no. */
  readonly hasToneAlready?: boolean;
  /** Whether a shared screen comes with a sound; default no. */
  readonly sharesSound?: boolean;
}

/** The number that a participant's shared screen carries is theirs plus this. */
const SCREEN_NUMBER_OFFSET = 100;

/** The tone of its sound is that of the participant's number plus this. */
const SOUND_NUMBER_OFFSET = 10;

/** Replaces `getUserMedia` and `getDisplayMedia` of this page. */
export function signMedia(options: SignedMediaOptions): void {
  const devices = navigator.mediaDevices;
  devices.getDisplayMedia = async () => {
    const number = options.number + SCREEN_NUMBER_OFFSET;
    const stream = new MediaStream([pictureTrack({ ...options, number })]);
    if (options.sharesSound === true) {
      stream.addTrack(toneTrack(options.number + SOUND_NUMBER_OFFSET));
    }
    return stream;
  };
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints = {}) => {
    const stream =
      constraints.audio && options.hasToneAlready === true
        ? await open({ audio: true })
        : new MediaStream();
    if (constraints.audio && stream.getTracks().length === 0) {
      stream.addTrack(toneTrack(options.number));
    }
    if (constraints.video) stream.addTrack(pictureTrack(options));
    if (stream.getTracks().length === 0) throw new TypeError('neither audio nor video asked for');
    return stream;
  };
}

function pictureTrack(options: SignedMediaOptions): MediaStreamTrack {
  const { number, width, height, frameRate, isGrainy = false } = options;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2d canvas in this browser');
  const grain = isGrainy ? grainOf(width, height) : undefined;
  let counter = 0;
  const draw = () => {
    counter = (counter + 1) % 4096;
    for (const [index, isWhite] of cellsOf({ number, counter }).entries()) {
      context.fillStyle = isWhite ? '#ebebeb' : '#101010';
      const x = Math.floor(((index % COLUMNS) * width) / COLUMNS);
      const y = Math.floor((Math.floor(index / COLUMNS) * height) / ROWS);
      context.fillRect(x, y, Math.ceil(width / COLUMNS), Math.ceil(height / ROWS));
    }
    if (grain === undefined) return;
    // Moved about by steps that do not repeat soon.
    context.globalAlpha = 0.1;
    context.drawImage(grain, -((counter * 89) % width), -((counter * 53) % height));
    context.globalAlpha = 1;
  };
  draw();
  const track = canvas.captureStream(frameRate).getVideoTracks()[0];
  if (track === undefined) throw new Error('the canvas gave no track');
  const timer = setInterval(draw, 1000 / frameRate);
  onStop(track, () => clearInterval(timer));
  const settings = track.getSettings.bind(track);
  // A camera says its facing and device; clients read both.
  track.getSettings = () => ({
    ...settings(),
    width,
    height,
    frameRate,
    deviceId: 'signed-camera',
  });
  return track;
}

/** Random grey, twice as wide and high as the picture, in spots of two pixels. */
function grainOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2d canvas in this browser');
  const image = context.createImageData(width, height);
  let state = 1;
  for (let at = 0; at < image.data.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    image.data.fill(state >>> 24, at, at + 3);
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, width, height, 0, 0, 2 * width, 2 * height);
  return canvas;
}

let audioContext: AudioContext | undefined;

function toneTrack(number: number): MediaStreamTrack {
  audioContext ??= new AudioContext();
  const oscillator = audioContext.createOscillator();
  oscillator.frequency.value = toneHzOf(number);
  const gain = audioContext.createGain();
  gain.gain.value = 0.3;
  const destination = audioContext.createMediaStreamDestination();
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  const track = destination.stream.getAudioTracks()[0];
  if (track === undefined) throw new Error('the oscillator gave no track');
  onStop(track, () => oscillator.stop());
  return track;
}

/** `ended` does not fire when the page itself stops a track. */
function onStop(track: MediaStreamTrack, callback: () => void): void {
  const stop = track.stop.bind(track);
  track.stop = () => {
    stop();
    callback();
  };
}
