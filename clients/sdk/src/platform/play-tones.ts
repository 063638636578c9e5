/** Short tones, one after the other: to try a loudspeaker, or because somebody is at the door. */

const TONE_S = 0.3;
const VOLUME = 0.2;

/** @param speakerId device id, empty for the browser's choice. Resolves when it is over; rejects when it cannot be played. */
export async function playTones(tonesHz: readonly number[], speakerId: string): Promise<void> {
  const context = new AudioContext();
  const audio = new Audio();
  try {
    const destination = context.createMediaStreamDestination();
    const volume = context.createGain();
    volume.gain.value = VOLUME;
    volume.connect(destination);
    audio.srcObject = destination.stream;
    // A loudspeaker that was unplugged: the browser takes another one, as it does for voices.
    if (speakerId !== '') await audio.setSinkId?.(speakerId).catch(() => {});
    await audio.play();
    await Promise.all(
      tonesHz.map((frequencyHz, index) => {
        const tone = context.createOscillator();
        tone.frequency.value = frequencyHz;
        tone.connect(volume);
        const startS = context.currentTime + index * TONE_S;
        tone.start(startS);
        tone.stop(startS + TONE_S);
        return new Promise<void>((resolve) => {
          tone.onended = () => resolve();
        });
      }),
    );
  } finally {
    audio.srcObject = null;
    await context.close();
  }
}
