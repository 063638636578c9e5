/** The room opens when somebody with an account is there: wait, or be that person. */
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { strings } from '../strings/en.ts';

interface WaitingScreenProps {
  readonly onLogIn: () => void;
  readonly onCancel: () => void;
}

export function WaitingScreen({ onLogIn, onCancel }: WaitingScreenProps) {
  const texts = strings.waiting;
  return (
    <Page title={texts.title} focusTitle>
      <p role="status">{texts.text}</p>
      <div className={screen.actions}>
        <button type="button" className={screen.primary} onClick={onLogIn}>
          {texts.logIn}
        </button>
        <button type="button" className={screen.secondary} onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </Page>
  );
}
