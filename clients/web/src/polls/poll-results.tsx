/** How many chose what, and who. */
import { type Poll, votersOf } from '@conclave/sdk';
import { Bar } from '../app/bar.tsx';
import panel from '../app/panel-content.module.css';
import { strings } from '../strings/strings.ts';
import styles from './polls.module.css';

interface PollResultsProps {
  readonly poll: Poll;
  readonly ownVote: readonly boolean[];
}

/** Whole per cent of those who voted; who chooses several counts for each. */
export function percentOf(votes: number, voters: number): number {
  return voters === 0 ? 0 : Math.round((votes * 100) / voters);
}

export function PollResults({ poll, ownVote }: PollResultsProps) {
  const voters = votersOf(poll);
  const texts = strings.polls;
  return (
    <div className={styles.results} role="status">
      <ul className={panel.list}>
        {poll.answers.map(({ text, voters: chosenBy }, index) => {
          const percent = percentOf(chosenBy.length, voters);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the answers of a poll do not change
            <li key={index} className={styles.result}>
              <span className={styles.line}>
                <span className={styles.answer} dir="auto">
                  {text}
                  {ownVote[index] === true && <strong> {texts.yours}</strong>}
                </span>
                <span>{texts.votes(chosenBy.length, percent)}</span>
              </span>
              <Bar percent={percent} />
              {chosenBy.length > 0 && (
                <span className={panel.quiet}>
                  {chosenBy.map(({ name }) => name || strings.call.guest).join(', ')}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <p className={panel.quiet}>{texts.voters(voters)}</p>
    </div>
  );
}
