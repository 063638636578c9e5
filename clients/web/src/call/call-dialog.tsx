/** The dialogue that is open over the call, if any. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { ConnectionDialog } from '../connection/connection-dialog.tsx';
import { SecurityDialog } from '../security/security-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { SpeakersDialog } from '../speakers/speakers-dialog.tsx';
import { EndDialog } from './end-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import type { Preferences } from './use-preferences.ts';

export type CallDialogName =
  | 'invite'
  | 'settings'
  | 'security'
  | 'speakers'
  | 'connection'
  | 'keys'
  | 'endForAll';

interface CallDialogProps {
  readonly dialog: CallDialogName | undefined;
  readonly conference: Conference;
  readonly media: LocalMedia;
  readonly preferences: Preferences;
  readonly onPreferences: (change: Partial<Preferences>) => void;
  readonly onClose: () => void;
}

export function CallDialog({ dialog, onClose, ...props }: CallDialogProps) {
  const { conference, media, preferences, onPreferences } = props;
  switch (dialog) {
    case undefined:
      return null;
    case 'settings':
      return (
        <SettingsDialog
          conference={conference}
          media={media}
          preferences={preferences}
          onPreferences={onPreferences}
          onClose={onClose}
        />
      );
    case 'invite':
      return <InviteDialog onClose={onClose} />;
    case 'security':
      return <SecurityDialog conference={conference} onClose={onClose} />;
    case 'speakers':
      return <SpeakersDialog conference={conference} onClose={onClose} />;
    case 'connection':
      return <ConnectionDialog conference={conference} onClose={onClose} />;
    case 'keys':
      return <KeysDialog keysOn={!preferences.keysOff} onClose={onClose} />;
    case 'endForAll':
      return (
        <EndDialog onConfirm={() => conference.features.moderation.endForAll()} onClose={onClose} />
      );
    default: {
      const never: never = dialog;
      throw never;
    }
  }
}
