/** The room opens when somebody with an account is there: wait, or be that person. */
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';
import type { LogInMethods } from './log-in-methods.ts';

interface WaitingScreenProps {
  readonly methods: LogInMethods;
  readonly onLogIn: () => void;
  readonly onCancel: () => void;
}

export function WaitingScreen({ methods, onLogIn, onCancel }: WaitingScreenProps) {
  const texts = strings.waiting;
  // Where hosts come with an invitation there is nothing to log in to.
  const mayLogIn = methods.password || methods.links.length > 0;
  return (
    <Page title={texts.title} focusTitle>
      <p role="status">{texts.text}</p>
      <div className={screen.actions}>
        {mayLogIn && (
          <button type="button" className={screen.primary} onClick={onLogIn}>
            {texts.logIn}
          </button>
        )}
        <button type="button" className={screen.secondary} onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </Page>
  );
}
