/** Asks a question: the question itself and at least two answers. */
import { useEffect, useRef, useState } from 'react';
import icon from '../app/icon-button.module.css';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { CloseIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import styles from './polls.module.css';

const MIN_ANSWERS = 2;
const MAX_ANSWERS = 10;

interface PollFormProps {
  /** False when it was too long to be sent. */
  readonly onAsk: (question: string, answers: readonly string[]) => boolean;
  readonly onCancel: () => void;
}

interface Answer {
  /** Of the field, which may change its place. */
  readonly key: number;
  readonly text: string;
}

export type PollProblem = 'question' | 'answers' | 'same' | 'tooLong';

/** Why this cannot be asked; undefined when it can. @param answers trimmed, without empty ones */
export function problemOf(question: string, answers: readonly string[]): PollProblem | undefined {
  if (question === '') return 'question';
  if (answers.length < MIN_ANSWERS) return 'answers';
  return new Set(answers).size < answers.length ? 'same' : undefined;
}

export function PollForm({ onAsk, onCancel }: PollFormProps) {
  const [question, setQuestion] = useState('');
  const [answers, setAnswers] = useState<readonly Answer[]>([
    { key: 0, text: '' },
    { key: 1, text: '' },
  ]);
  const nextKey = useRef(2);
  const [problem, setProblem] = useState<PollProblem | undefined>(undefined);
  const input = useFirstFocus<HTMLInputElement>();
  const lastAnswer = useRef<HTMLInputElement>(null);
  const count = useRef(answers.length);
  const texts = strings.polls;
  useEffect(() => {
    // A new field is there to be filled in; after one was taken away the focus must be somewhere.
    if (count.current !== answers.length) lastAnswer.current?.focus();
    count.current = answers.length;
  }, [answers.length]);

  const submit = () => {
    const asked = question.trim();
    const offered = answers.map(({ text }) => text.trim()).filter((answer) => answer !== '');
    const found = problemOf(asked, offered);
    if (found !== undefined || !onAsk(asked, offered)) setProblem(found ?? 'tooLong');
  };

  return (
    <form
      className={styles.card}
      aria-label={texts.ask}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label className={screen.label}>
        {texts.question}
        <input
          ref={input}
          className={screen.input}
          value={question}
          maxLength={300}
          onChange={({ target }) => setQuestion(target.value)}
        />
      </label>
      {answers.map((answer, index) => (
        <div key={answer.key} className={styles.answerRow}>
          <input
            ref={index === answers.length - 1 ? lastAnswer : undefined}
            className={screen.input}
            aria-label={texts.answer(index + 1)}
            placeholder={texts.answer(index + 1)}
            value={answer.text}
            maxLength={100}
            onChange={({ target }) =>
              setAnswers(answers.with(index, { ...answer, text: target.value }))
            }
          />
          {answers.length > MIN_ANSWERS && (
            <button
              type="button"
              className={icon.iconButton}
              aria-label={texts.removeAnswer(index + 1)}
              title={texts.removeAnswer(index + 1)}
              onClick={() => setAnswers(answers.toSpliced(index, 1))}
            >
              <CloseIcon />
            </button>
          )}
        </div>
      ))}
      {answers.length < MAX_ANSWERS && (
        <button
          type="button"
          className={panel.small}
          onClick={() => setAnswers([...answers, { key: nextKey.current++, text: '' }])}
        >
          {texts.addAnswer}
        </button>
      )}
      <p role="alert" className={screen.error}>
        {problem === undefined ? '' : texts.problems[problem]}
      </p>
      <div className={panel.buttons}>
        <button type="submit" className={`${panel.small} ${styles.submit}`}>
          {texts.send}
        </button>
        <button type="button" className={panel.small} onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </form>
  );
}
