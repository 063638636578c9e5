/** Runs in the page: notes how smoothly a received picture moves and a received tone sounds. */

export interface FlowReading {
  /** Frames shown since the last reading: when, on the page's clock in ms, and how high in px. */
  readonly frames: readonly { readonly atMs: number; readonly height: number }[];
  /** Stretches without sound since the last reading, the present one included. */
  readonly quietMs: readonly number[];
  /** By how much the page's timers were late at most since the last reading: so long nothing may have been shown that was there. */
  readonly lateMs: number;
  /** Now, on the page's clock. */
  readonly nowMs: number;
}

export interface Flow {
  /** What happened since the last call. */
  read(): FlowReading;
}

/** Runs in the audio thread: says how long it was quiet, whenever that is over. */
const QUIET_DETECTOR = `registerProcessor('quiet-detector', class extends AudioWorkletProcessor {
  quietFrames = 0;
  process([[samples]]) {
    let energy = 0;
    for (const sample of samples ?? []) energy += sample * sample;
    const isQuiet = energy < 128 * ${0.03 ** 2};
    if (isQuiet) this.quietFrames += 128;
    if (this.quietFrames > 0 && (!isQuiet || this.quietFrames % 2048 === 0)) {
      this.port.postMessage({ quietMs: (this.quietFrames * 1000) / sampleRate, isOver: !isQuiet });
    }
    if (!isQuiet) this.quietFrames = 0;
    return true;
  }
});`;

const TIMER_MS = 20;

/** Watches how late the page's timers are. */
function watchLateness(): () => number {
  let lastMs = performance.now();
  let latestMs = 0;
  const note = () => {
    const nowMs = performance.now();
    latestMs = Math.max(latestMs, nowMs - lastMs - TIMER_MS);
    lastMs = nowMs;
  };
  setInterval(note, TIMER_MS);
  return () => {
    note();
    const lateMs = latestMs;
    latestMs = 0;
    return lateMs;
  };
}

/** Shows `video` and plays `audio` out of sight. */
export async function watchFlow(video: MediaStreamTrack, audio: MediaStreamTrack): Promise<Flow> {
  let frames: { atMs: number; height: number }[] = [];
  const element = document.createElement('video');
  element.muted = true;
  element.srcObject = new MediaStream([video]);
  await element.play();
  const note: VideoFrameRequestCallback = (atMs, { height }) => {
    frames.push({ atMs, height });
    element.requestVideoFrameCallback(note);
  };
  element.requestVideoFrameCallback(note);

  const stream = new MediaStream([audio]);
  // Chromium feeds a remote track into Web Audio only while some element plays it.
  const player = new Audio();
  player.muted = true;
  player.srcObject = stream;
  await player.play();
  const context = new AudioContext();
  const module = new Blob([QUIET_DETECTOR], { type: 'text/javascript' });
  await context.audioWorklet.addModule(URL.createObjectURL(module));
  const detector = new AudioWorkletNode(context, 'quiet-detector', { channelCount: 1 });
  context.createMediaStreamSource(stream).connect(detector);
  let over: number[] = [];
  let present = 0;
  detector.port.onmessage = ({ data }: MessageEvent<{ quietMs: number; isOver: boolean }>) => {
    if (data.isOver) over.push(data.quietMs);
    present = data.isOver ? 0 : data.quietMs;
  };
  const takeLateMs = watchLateness();
  return {
    read() {
      const nowMs = performance.now();
      const reading = { frames, quietMs: [...over, present], lateMs: takeLateMs(), nowMs };
      frames = [];
      over = [];
      return reading;
    },
  };
}
