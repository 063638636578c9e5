/** The frame of all pages that are not the call itself. */
import { type ReactNode, useEffect, useRef } from 'react';
import { strings } from '../strings/strings.ts';
import { LanguageSelect } from './language-select.tsx';
import styles from './screen.module.css';

interface PageProps {
  readonly title: string;
  readonly wide?: boolean;
  /** Moves the focus to the heading, so that a screen reader says where we are. */
  readonly focusTitle?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, wide = false, focusTitle = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focusTitle) heading.current?.focus();
  }, [focusTitle]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <a className={styles.brand} href="/">
          <img className={styles.logo} src="/favicon.svg" alt="" width="28" height="28" />
          {strings.appName}
        </a>
        <LanguageSelect compact />
      </header>
      <main className={`${styles.card} ${wide ? styles.wide : ''}`}>
        <h1 className={styles.title} ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </main>
    </div>
  );
}
