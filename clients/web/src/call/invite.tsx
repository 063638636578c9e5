/** What to do while nobody else is here: send the link. */
import { useState } from 'react';
import screen from '../app/screen.module.css';
import { strings } from '../strings/en.ts';
import styles from './invite.module.css';

export function Invite() {
  const [copied, setCopied] = useState(false);
  const link = window.location.href.replace(/[?#].*$/, '');
  const copy = () => {
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <section className={styles.invite}>
      <h2 className={styles.title}>{strings.call.alone}</h2>
      <p>{strings.call.aloneHint}</p>
      <p className={styles.link}>{link}</p>
      <button type="button" className={screen.primary} onClick={copy}>
        {copied ? strings.call.linkCopied : strings.call.copyLink}
      </button>
    </section>
  );
}
