/** A share drawn as a bar, beside the text that says it. */
import styles from './bar.module.css';

export function Bar({ percent }: { readonly percent: number }) {
  return (
    <span className={styles.bar} aria-hidden="true">
      <span className={styles.share} style={{ width: `${percent}%` }} />
    </span>
  );
}
