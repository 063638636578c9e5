/** Which key does what. */
import { Dialog } from '../app/dialog.tsx';
import panel from '../app/panel-content.module.css';
import { strings } from '../strings/strings.ts';
import styles from './keys-dialog.module.css';
import { SHORTCUTS, TALK_KEY } from './shortcuts.ts';

interface KeysDialogProps {
  /** Whether they do it. */
  readonly keysOn: boolean;
  readonly onClose: () => void;
}

export function KeysDialog({ keysOn, onClose }: KeysDialogProps) {
  const texts = strings.keys;
  return (
    <Dialog title={texts.title} onClose={onClose}>
      {!keysOn && <p>{texts.off}</p>}
      <dl className={styles.keys}>
        {Object.entries(SHORTCUTS).map(([key, action]) => (
          <Key key={key} name={key.toUpperCase()} what={texts.actions[action]} />
        ))}
        <Key name={texts.names[TALK_KEY]} what={texts.talk} />
      </dl>
      <p className={panel.quiet}>{texts.hint}</p>
    </Dialog>
  );
}

function Key({ name, what }: { readonly name: string; readonly what: string }) {
  return (
    <div className={styles.row}>
      <dt>
        <kbd className={styles.key}>{name}</kbd>
      </dt>
      <dd className={styles.what}>{what}</dd>
    </div>
  );
}
