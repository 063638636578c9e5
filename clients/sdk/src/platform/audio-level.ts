/** How loud a microphone is, measured here and sent nowhere (W3C Web Audio). */

const LOOK_EVERY_MS = 100;
/** Quieter than this nobody hears. */
const SILENCE_DB = -60;

/** @param samples -1..1 @returns 0 (silence) to 1 (as loud as it can be), in even steps for the ear */
export function loudnessOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  const level = 1 - (20 * Math.log10(rms)) / SILENCE_DB;
  return Math.min(1, Math.max(0, level));
}

/**
 * Tells how loud it is ten times a second until the returned function is called. A track that is muted (disabled) is
 * measured all the same: this has a copy of its own.
 */
export function watchAudioLevel(
  track: MediaStreamTrack,
  onLevel: (level: number) => void,
): () => void {
  const copy = track.clone();
  copy.enabled = true;
  const context = new AudioContext();
  // Without a click Safari begins in silence until it is asked; where it may not be, nothing is measured.
  context.resume().catch(() => {});
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(loudnessOf(samples));
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    copy.stop();
    // Closing a context fails only when it is closed already.
    context.close().catch(() => {});
  };
}
