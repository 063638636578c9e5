/** Says who you are: with a name and a password of this server, or at somebody else's page that this server trusts. */
import { useState } from 'react';
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';
import type { LogInMethods } from './log-in-methods.ts';

interface LogInScreenProps {
  readonly methods: LogInMethods;
  readonly pending: boolean;
  /** Why the last try failed. */
  readonly problem: string | undefined;
  readonly onLogIn: (user: string, password: string) => void;
  readonly onCancel: () => void;
}

export function LogInScreen({ methods, pending, problem, onLogIn, onCancel }: LogInScreenProps) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const texts = strings.logIn;
  return (
    <Page title={texts.title} focusTitle>
      {methods.password && (
        <form
          className={screen.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (user.trim() !== '' && password !== '') onLogIn(user.trim(), password);
          }}
        >
          <label className={screen.label}>
            {texts.user}
            <input
              className={screen.input}
              value={user}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => setUser(event.target.value)}
            />
          </label>
          <label className={screen.label}>
            {texts.password}
            <input
              className={screen.input}
              type="password"
              value={password}
              autoComplete="current-password"
              aria-invalid={problem !== undefined}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <p role="alert" className={screen.error}>
            {problem ?? ''}
          </p>
          <button type="submit" className={screen.primary} disabled={pending}>
            {pending ? texts.pending : texts.submit}
          </button>
        </form>
      )}
      {methods.password && methods.links.length > 0 && <p className={screen.soft}>{texts.or}</p>}
      {methods.links.map(({ label, href }) => (
        <a key={href} className={methods.password ? screen.secondary : screen.primary} href={href}>
          {texts.with(label || texts.organisation)}
        </a>
      ))}
      <div className={screen.actions}>
        <button type="button" className={screen.secondary} onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </Page>
  );
}
