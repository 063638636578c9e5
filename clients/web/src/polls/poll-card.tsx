/** One question: the answers to choose from, then how many chose what. */
import type { Poll } from '@conclave/sdk';
import { useEffect, useId, useRef, useState } from 'react';
import panel from '../app/panel-content.module.css';
import { strings } from '../strings/strings.ts';
import { PollResults } from './poll-results.tsx';
import styles from './polls.module.css';

interface PollCardProps {
  readonly poll: Poll;
  /** For each answer whether we chose it. */
  readonly ownVote: readonly boolean[];
  readonly mayVote: boolean;
  readonly onVote: (chosen: readonly boolean[]) => void;
}

export function PollCard({ poll, ownVote, mayVote, onVote }: PollCardProps) {
  const hasVoted = ownVote.includes(true);
  const [view, setView] = useState<'form' | 'results'>(hasVoted || !mayVote ? 'results' : 'form');
  const next = useRef<HTMLButtonElement>(null);
  const before = useRef(view);
  const titleId = useId();
  const texts = strings.polls;
  useEffect(() => {
    // What was pressed is gone: the focus goes to what takes its place.
    if (before.current !== view) next.current?.focus();
    before.current = view;
  }, [view]);
  return (
    <article className={styles.card} aria-labelledby={titleId}>
      <h3 id={titleId} className={styles.question} dir="auto">
        {poll.question}
      </h3>
      <p className={panel.quiet}>{texts.askedBy(poll.askerName || strings.call.guest)}</p>
      {view === 'form' ? (
        <VoteForm
          poll={poll}
          ownVote={ownVote}
          titleId={titleId}
          onVote={(chosen) => {
            onVote(chosen);
            setView('results');
          }}
        />
      ) : (
        <PollResults poll={poll} ownVote={ownVote} />
      )}
      {view === 'form' ? (
        <button type="button" ref={next} className={panel.small} onClick={() => setView('results')}>
          {texts.showResults}
        </button>
      ) : (
        mayVote && (
          <button type="button" ref={next} className={panel.small} onClick={() => setView('form')}>
            {hasVoted ? texts.changeVote : texts.vote}
          </button>
        )
      )}
    </article>
  );
}

interface VoteFormProps {
  readonly poll: Poll;
  readonly ownVote: readonly boolean[];
  /** Of the element with the question. */
  readonly titleId: string;
  readonly onVote: (chosen: readonly boolean[]) => void;
}

function VoteForm({ poll, ownVote, titleId, onVote }: VoteFormProps) {
  const [chosen, setChosen] = useState(ownVote);
  const hasVoted = ownVote.includes(true);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onVote(chosen);
      }}
    >
      <fieldset aria-labelledby={titleId} className={styles.choices}>
        {poll.answers.map(({ text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the answers of a poll do not change
          <label key={index} className={styles.choice}>
            <input
              type="checkbox"
              className={styles.checkbox}
              checked={chosen[index] === true}
              onChange={({ target }) => setChosen(chosen.with(index, target.checked))}
            />
            <span dir="auto">{text}</span>
          </label>
        ))}
      </fieldset>
      <button
        type="submit"
        className={`${panel.small} ${styles.submit}`}
        // Nothing chosen takes a vote back; without one there is nothing to say.
        disabled={!hasVoted && !chosen.includes(true)}
      >
        {strings.polls.vote}
      </button>
    </form>
  );
}
