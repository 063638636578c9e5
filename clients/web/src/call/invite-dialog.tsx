/** The link to the meeting: to copy, to hand to another program, or to read with the camera of a phone. */
import { useMemo } from 'react';
import { Dialog } from '../app/dialog.tsx';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { qrCodeOf } from '../qr/qr-code.ts';
import { QrPicture } from '../qr/qr-picture.tsx';
import { strings } from '../strings/strings.ts';
import { CopyLinkButton, roomLink } from './copy-link-button.tsx';
import styles from './invite.module.css';

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const link = roomLink();
  const code = useMemo(() => qrCodeOf(link), [link]);
  const texts = strings.invite;
  // Phones have a list of programs to send things with; it fails when the person thinks better of it.
  const share = () => navigator.share({ title: document.title, url: link }).catch(() => {});
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <p className={styles.link}>{link}</p>
      <div className={screen.actions}>
        <CopyLinkButton className={screen.primary} />
        {'share' in navigator && (
          <button type="button" className={screen.secondary} onClick={share}>
            {texts.share}
          </button>
        )}
      </div>
      {code !== undefined && <QrPicture code={code} label={texts.code} />}
      {code !== undefined && <p className={panel.quiet}>{texts.codeHint}</p>}
    </Dialog>
  );
}
