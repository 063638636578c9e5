/** At the closed door: say who you are, wait to be let in, write to the moderators, or use the password. */
import type { LobbyMessage, LobbyVisit } from '@conclave/sdk';
import { Store } from '@conclave/sdk';
import { useState } from 'react';
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import styles from './lobby.module.css';

interface LobbyScreenProps {
  /** Undefined while we have not knocked: the room wants a name first. */
  readonly visit: LobbyVisit | undefined;
  readonly passwordWasWrong: boolean;
  readonly onName: (name: string) => void;
  readonly onPassword: (password: string) => void;
  readonly onCancel: () => void;
}

const NO_MESSAGES = new Store<readonly LobbyMessage[]>([]);

export function LobbyScreen(props: LobbyScreenProps) {
  const { visit, passwordWasWrong, onName, onPassword, onCancel } = props;
  const [wantsPassword, setWantsPassword] = useState(passwordWasWrong);
  const messages = useStore(visit?.messages ?? NO_MESSAGES);
  const texts = strings.lobby;
  return (
    <Page title={visit === undefined ? texts.nameTitle : texts.waitingTitle} focusTitle>
      {visit === undefined ? (
        <OneLineForm label={strings.prejoin.nameLabel} submit={texts.ask} onSubmit={onName} />
      ) : (
        <>
          <p role="status" className={styles.waiting}>
            <span className={styles.dot} aria-hidden="true" />
            {texts.waiting}
          </p>
          <div role="log" aria-label={strings.chat.log} className={styles.messages}>
            {messages.map((message, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: messages are only ever added
              <p key={index}>
                <strong>{message.own ? strings.call.you : strings.call.moderator}:</strong>{' '}
                {message.text}
              </p>
            ))}
          </div>
          <OneLineForm
            label={texts.note}
            submit={texts.send}
            quiet
            onSubmit={(text) => visit.say(text)}
          />
        </>
      )}
      {wantsPassword && (
        <OneLineForm
          label={strings.password.label}
          submit={strings.password.submit}
          secret
          error={passwordWasWrong ? strings.password.wrong : ''}
          onSubmit={onPassword}
        />
      )}
      <div className={screen.actions}>
        {!wantsPassword && (
          <button type="button" className={screen.secondary} onClick={() => setWantsPassword(true)}>
            {texts.havePassword}
          </button>
        )}
        <button type="button" className={screen.secondary} onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </Page>
  );
}

interface OneLineFormProps {
  readonly label: string;
  readonly submit: string;
  readonly secret?: boolean;
  /** Not what one came here for. */
  readonly quiet?: boolean;
  readonly error?: string;
  readonly onSubmit: (text: string) => void;
}

function OneLineForm({ label, submit, secret, quiet, error = '', onSubmit }: OneLineFormProps) {
  const [text, setText] = useState('');
  return (
    <form
      className={screen.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '') return;
        onSubmit(text.trim());
        setText('');
      }}
    >
      <label className={screen.label}>
        {label}
        <span className={styles.line}>
          <input
            className={screen.input}
            type={secret ? 'password' : 'text'}
            value={text}
            maxLength={1_000}
            autoComplete={secret ? 'off' : undefined}
            aria-invalid={error !== ''}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" className={quiet ? screen.secondary : screen.primary}>
            {submit}
          </button>
        </span>
      </label>
      <p role="alert" className={screen.error}>
        {error}
      </p>
    </form>
  );
}
