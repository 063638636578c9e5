/** Screens that say one thing and offer what to do next: left, failed, no configuration, no WebRTC. */
import type { ReactNode } from 'react';
import { Page } from '../app/page.tsx';
import styles from '../app/screen.module.css';
import type { LogInMethods } from '../log-in/log-in-methods.ts';
import { refusalText } from '../log-in/refusal-text.ts';
import type { RoomFailure } from '../room/room-phase.ts';
import { strings } from '../strings/strings.ts';

interface FailureText {
  readonly title: string;
  readonly text: string;
  /** In the server's words. */
  readonly details?: string;
}

export function failureText(failure: RoomFailure): FailureText {
  const texts = strings.failure;
  switch (failure.type) {
    case 'kicked': {
      const { title, by, text } = texts.kicked;
      const details = failure.reason === '' ? {} : { details: failure.reason };
      return { title, text: failure.by === '' ? text : by(failure.by), ...details };
    }
    case 'destroyed':
      return { ...texts.destroyed, ...(failure.reason !== '' && { details: failure.reason }) };
    case 'notAllowed':
    case 'authentication': {
      const { title, text } = texts[failure.type];
      const known = refusalText(failure.text);
      if (known !== undefined) return { title, text: known, details: failure.text };
      return { title, text, ...(failure.text !== '' && { details: failure.text }) };
    }
    case 'requestFailed': {
      const details = [failure.condition, failure.text].filter((part) => part !== '').join(': ');
      return { ...texts.requestFailed, details };
    }
    // These are questions with screens of their own, not the end.
    case 'passwordRequired':
    case 'membersOnly':
    case 'displayNameRequired':
    case 'authenticationRequired':
      return { title: strings.password.title, text: '' };
    default:
      return texts[failure.type];
  }
}

interface MessageProps {
  readonly title: string;
  readonly text?: string;
  readonly details?: string | undefined;
  readonly children?: ReactNode;
}

function Message({ title, text = '', details, children }: MessageProps) {
  return (
    <Page title={title} focusTitle>
      {text !== '' && <p>{text}</p>}
      {details !== undefined && <p className={styles.soft}>{strings.failure.details(details)}</p>}
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </Page>
  );
}

function HomeLink() {
  return (
    <a className={styles.secondary} href="/">
      {strings.left.home}
    </a>
  );
}

export function LeftScreen({ onRejoin }: { readonly onRejoin: () => void }) {
  return (
    <Message title={strings.left.title}>
      <button type="button" className={styles.primary} onClick={onRejoin}>
        {strings.left.rejoin}
      </button>
      <HomeLink />
    </Message>
  );
}

interface FailureScreenProps {
  readonly failure: RoomFailure;
  readonly methods: LogInMethods;
  readonly onRetry: () => void;
  readonly onLogIn: () => void;
}

export function FailureScreen({ failure, methods, onRetry, onLogIn }: FailureScreenProps) {
  const mayLogIn = methods.password || methods.links.length > 0;
  return (
    <Message {...failureText(failure)}>
      <button type="button" className={styles.primary} onClick={onRetry}>
        {failure.type === 'kicked' || failure.type === 'destroyed'
          ? strings.left.rejoin
          : strings.failure.tryAgain}
      </button>
      {failure.type === 'authentication' && mayLogIn && (
        <button type="button" className={styles.secondary} onClick={onLogIn}>
          {strings.failure.logIn}
        </button>
      )}
      <HomeLink />
    </Message>
  );
}

export function NoConfigScreen() {
  return (
    <Message {...strings.failure.noConfig}>
      <button type="button" className={styles.primary} onClick={() => window.location.reload()}>
        {strings.failure.tryAgain}
      </button>
    </Message>
  );
}

export function UnsupportedScreen() {
  return <Message {...strings.failure.unsupported} />;
}

interface RecoveringScreenProps {
  readonly title: string;
  readonly onLeave: () => void;
}

export function RecoveringScreen({ title, onLeave }: RecoveringScreenProps) {
  return (
    <Message title={title}>
      <button type="button" className={styles.secondary} onClick={onLeave}>
        {strings.toolbar.leaveCall}
      </button>
    </Message>
  );
}
