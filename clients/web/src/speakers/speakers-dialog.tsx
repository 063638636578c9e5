/** Who spoke for how long, and how long the meeting has lasted. */
import type { Conference } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { Bar } from '../app/bar.tsx';
import { Dialog } from '../app/dialog.tsx';
import panel from '../app/panel-content.module.css';
import { useStore } from '../app/use-store.ts';
import { displayNameOf } from '../call/tile-model.ts';
import { strings } from '../strings/strings.ts';
import styles from './speakers-dialog.module.css';
import { shareOf, spokenTime } from './spoken-time.ts';

const REFRESH_MS = 1_000;

interface SpeakersDialogProps {
  readonly conference: Conference;
  readonly onClose: () => void;
}

export function SpeakersDialog({ conference, onClose }: SpeakersDialogProps) {
  const { roomInfo, speakerStats } = conference.features;
  const { createdMs } = useStore(roomInfo.info);
  const [times, setTimes] = useState(() => speakerStats.times());
  useEffect(() => {
    const timer = window.setInterval(() => setTimes(speakerStats.times()), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [speakerStats]);
  const texts = strings.speakers;
  const longestMs = times[0]?.spokenMs ?? 0;
  return (
    <Dialog title={texts.title} onClose={onClose}>
      {createdMs !== undefined && (
        <p className={panel.quiet}>
          {texts.lasts(Math.max(0, spokenTime(Date.now() - createdMs).minutes))}
        </p>
      )}
      {times.length === 0 && <p className={panel.quiet}>{texts.nobody}</p>}
      <ul className={panel.list}>
        {times.map(({ id, nameOfGone, spokenMs }) => {
          const participant = conference.participant(id);
          const { minutes, seconds } = spokenTime(spokenMs);
          return (
            <li key={id} className={styles.row}>
              <span className={styles.line}>
                <span className={styles.name}>
                  {participant === undefined
                    ? texts.gone(nameOfGone || strings.call.guest)
                    : displayNameOf(participant)}
                </span>
                <span className={styles.time}>{texts.time(minutes, seconds)}</span>
              </span>
              <Bar percent={shareOf(spokenMs, longestMs)} />
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
