/** A line above the tiles that says what is wrong, or what just happened. */
import type { ReactNode } from 'react';
import styles from './banner.module.css';

export function Banner({
  text,
  kind = 'trouble',
  children,
}: {
  readonly text: string;
  readonly kind?: 'trouble' | 'news';
  readonly children?: ReactNode;
}) {
  return (
    <div className={`${styles.banner} ${styles[kind]}`}>
      <span>{text}</span>
      {children}
    </div>
  );
}

export function BannerButton({ text, onClick }: { text: string; onClick: () => void }) {
  return (
    <button type="button" className={styles.button} onClick={onClick}>
      {text}
    </button>
  );
}
