/** Asks for the room's password. */
import { useState } from 'react';
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { strings } from '../strings/strings.ts';

interface PasswordScreenProps {
  readonly wasWrong: boolean;
  readonly onSubmit: (password: string) => void;
  readonly onCancel: () => void;
}

export function PasswordScreen({ wasWrong, onSubmit, onCancel }: PasswordScreenProps) {
  const [password, setPassword] = useState('');
  const input = useFirstFocus<HTMLInputElement>();
  const texts = strings.password;
  return (
    <Page title={texts.title}>
      <form
        className={screen.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (password !== '') onSubmit(password);
        }}
      >
        <label className={screen.label}>
          {texts.label}
          <input
            className={screen.input}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            aria-invalid={wasWrong}
            aria-describedby="password-error"
            autoComplete="off"
            ref={input}
          />
        </label>
        <p id="password-error" className={screen.error} role="alert">
          {wasWrong ? texts.wrong : ''}
        </p>
        <div className={screen.actions}>
          <button type="submit" className={screen.primary} disabled={password === ''}>
            {texts.submit}
          </button>
          <button type="button" className={screen.secondary} onClick={onCancel}>
            {texts.cancel}
          </button>
        </div>
      </form>
    </Page>
  );
}
