/** What to do while nobody else is here: send the link. */
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';
import { CopyLinkButton, roomLink } from './copy-link-button.tsx';
import styles from './invite.module.css';

export function Invite() {
  return (
    <section className={styles.invite}>
      <div>
        <h2 className={styles.title}>{strings.call.alone}</h2>
        <p className={styles.hint}>{strings.call.aloneHint}</p>
      </div>
      <p className={styles.link}>{roomLink()}</p>
      <CopyLinkButton className={screen.primary} />
    </section>
  );
}
