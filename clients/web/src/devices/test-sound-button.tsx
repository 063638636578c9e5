/** Plays a sound on the loudspeaker that is chosen. */
import { playTones } from '@conclave/sdk';
import { useState } from 'react';
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';

const TEST_SOUND_HZ = [523.25, 659.25, 783.99] as const;

export function TestSoundButton({ speakerId }: { readonly speakerId: string }) {
  const [state, setState] = useState<'idle' | 'playing' | 'failed'>('idle');
  const play = () => {
    setState('playing');
    playTones(TEST_SOUND_HZ, speakerId).then(
      () => setState('idle'),
      () => setState('failed'),
    );
  };
  return (
    <>
      <button
        type="button"
        className={screen.secondary}
        disabled={state === 'playing'}
        onClick={play}
      >
        {strings.devices.testSound}
      </button>
      <p role="alert" className={screen.error}>
        {state === 'failed' ? strings.devices.noSound : ''}
      </p>
    </>
  );
}
