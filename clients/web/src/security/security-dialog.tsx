/** Who may enter, and who may speak: for moderators. */
import type { Conference } from '@conclave/sdk';
import { useState } from 'react';
import { Dialog } from '../app/dialog.tsx';
import screen from '../app/screen.module.css';
import { Switch } from '../app/switch.tsx';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import styles from './security.module.css';

interface SecurityDialogProps {
  readonly conference: Conference;
  readonly onClose: () => void;
}

export function SecurityDialog({ conference, onClose }: SecurityDialogProps) {
  const { avModeration, metadata, moderation, polls, roomInfo } = conference.features;
  const info = useStore(roomInfo.info);
  const media = useStore(avModeration.state);
  const permissions = useStore(metadata.permissions);
  const startMuted = useStore(metadata.startMuted);
  const [pending, setPending] = useState(false);
  const [refused, setRefused] = useState(false);
  const texts = strings.security;

  const run = (change: Promise<void>) => {
    setPending(true);
    setRefused(false);
    change.then(
      () => setPending(false),
      () => {
        setPending(false);
        setRefused(true);
      },
    );
  };

  return (
    <Dialog title={texts.title} onClose={onClose}>
      <Switch
        label={texts.lobby}
        hint={texts.lobbyHint}
        checked={info.lobbyJid !== undefined}
        disabled={pending}
        onChange={(on) => run(moderation.setLobby(on))}
      />
      <PasswordForm
        hasPassword={info.hasPassword}
        disabled={pending}
        onChange={(password) => run(moderation.setPassword(password))}
      />
      {(avModeration.isAvailable || metadata.isAvailable) && (
        <section className={styles.section} aria-label={texts.moderated}>
          <h3 className={styles.subtitle}>{texts.moderated}</h3>
          {avModeration.isAvailable &&
            (['audio', 'video', 'desktop'] as const).map((medium) => (
              <Switch
                key={medium}
                label={texts.medium[medium]}
                checked={!media[medium].isOn}
                onChange={(free) => avModeration.setEnabled(medium, !free)}
              />
            ))}
          {metadata.isAvailable && (
            <Switch
              label={texts.groupChat}
              checked={!permissions.groupChatRestricted}
              onChange={(free) => metadata.setPermission('groupChatRestricted', !free)}
            />
          )}
          {metadata.isAvailable && polls.isAvailable && (
            <Switch
              label={texts.polls}
              checked={!permissions.pollCreationRestricted}
              onChange={(free) => metadata.setPermission('pollCreationRestricted', !free)}
            />
          )}
        </section>
      )}
      {metadata.isAvailable && (
        <section className={styles.section} aria-label={texts.newcomers}>
          <h3 className={styles.subtitle}>{texts.newcomers}</h3>
          {(['audio', 'video'] as const).map((kind) => (
            <Switch
              key={kind}
              label={texts.startMuted[kind]}
              checked={startMuted[kind]}
              onChange={(muted) => metadata.setStartMuted(kind, muted)}
            />
          ))}
        </section>
      )}
      <p role="alert" className={screen.error}>
        {refused ? texts.refused : ''}
      </p>
    </Dialog>
  );
}

interface PasswordFormProps {
  readonly hasPassword: boolean;
  readonly disabled: boolean;
  /** Empty takes the password away. */
  readonly onChange: (password: string) => void;
}

function PasswordForm({ hasPassword, disabled, onChange }: PasswordFormProps) {
  const [password, setPassword] = useState('');
  const texts = strings.security;
  return (
    <form
      className={styles.section}
      onSubmit={(event) => {
        event.preventDefault();
        if (password === '') return;
        onChange(password);
        setPassword('');
      }}
    >
      <label className={screen.label}>
        {hasPassword ? texts.newPassword : texts.password}
        <input
          className={screen.input}
          type="text"
          value={password}
          placeholder={hasPassword ? texts.passwordIsSet : texts.noPassword}
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <div className={screen.actions}>
        <button type="submit" className={screen.secondary} disabled={disabled || password === ''}>
          {hasPassword ? texts.changePassword : texts.setPassword}
        </button>
        {hasPassword && (
          <button
            type="button"
            className={screen.secondary}
            disabled={disabled}
            onClick={() => onChange('')}
          >
            {texts.removePassword}
          </button>
        )}
      </div>
    </form>
  );
}
