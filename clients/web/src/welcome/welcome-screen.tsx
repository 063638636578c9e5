/** The start page: name a room, or go back to one. */
import { useState } from 'react';
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { browserStorage, loadSettings, saveSettings } from '../config/local-settings.ts';
import { CloseIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { isValidRoomName, roomPath, suggestRoomName } from './room-names.ts';
import styles from './welcome-screen.module.css';

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

export function WelcomeScreen() {
  const [name, setName] = useState('');
  const [suggestion] = useState(() => suggestRoomName(random));
  const [recent, setRecent] = useState(() => loadSettings(browserStorage()).recentRooms);
  const invalid = !isValidRoomName(name);
  const texts = strings.welcome;

  const forget = (room: string) => {
    const recentRooms = recent.filter((other) => other !== room);
    saveSettings(browserStorage(), { recentRooms });
    setRecent(recentRooms);
  };

  return (
    <Page title={texts.title}>
      <p className={screen.soft}>{texts.subtitle}</p>
      <form
        className={screen.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (invalid) return;
          window.location.assign(roomPath(name.trim() === '' ? suggestion : name));
        }}
      >
        <label className={screen.label}>
          {texts.roomLabel}
          <input
            className={screen.input}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder={suggestion}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={invalid}
            aria-describedby="room-hint"
          />
        </label>
        <p id="room-hint" className={invalid ? screen.error : screen.soft} aria-live="polite">
          {invalid ? texts.invalid : texts.suggestion(suggestion)}
        </p>
        <button type="submit" className={screen.primary} disabled={invalid}>
          {texts.start}
        </button>
      </form>
      {recent.length > 0 && (
        <section aria-labelledby="recent">
          <h2 id="recent" className={styles.heading}>
            {texts.recentTitle}
          </h2>
          <ul className={styles.list}>
            {recent.map((room) => (
              <li key={room} className={styles.item}>
                <a className={styles.room} href={roomPath(room)}>
                  {room}
                </a>
                <button
                  type="button"
                  className={styles.forget}
                  aria-label={texts.forget(room)}
                  title={texts.forget(room)}
                  onClick={() => forget(room)}
                >
                  <CloseIcon />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}
