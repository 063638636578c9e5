/** Shows that the microphone hears something, also while it is muted. */
import { watchAudioLevel } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { Bar } from '../app/bar.tsx';
import { strings } from '../strings/strings.ts';
import styles from './level-meter.module.css';

export function LevelMeter({ track }: { readonly track: MediaStreamTrack | undefined }) {
  const [percent, setPercent] = useState(0);
  useEffect(() => {
    if (track === undefined) return;
    const stop = watchAudioLevel(track, (level) => setPercent(Math.round(level * 100)));
    return () => {
      stop();
      setPercent(0);
    };
  }, [track]);
  if (track === undefined) return null;
  return (
    <div className={styles.meter}>
      <meter
        className="visually-hidden"
        aria-label={strings.devices.level}
        max={100}
        value={percent}
      />
      <Bar percent={percent} />
    </div>
  );
}
