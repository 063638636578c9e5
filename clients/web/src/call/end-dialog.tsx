/** Asks once more before everybody is sent away. */
import { Dialog } from '../app/dialog.tsx';
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';

interface EndDialogProps {
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function EndDialog({ onConfirm, onClose }: EndDialogProps) {
  const texts = strings.call.confirmEnd;
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <p>{texts.text}</p>
      <div className={screen.actions}>
        <button type="button" className={screen.danger} onClick={onConfirm}>
          {texts.confirm}
        </button>
        <button type="button" className={screen.secondary} onClick={onClose}>
          {texts.cancel}
        </button>
      </div>
    </Dialog>
  );
}
