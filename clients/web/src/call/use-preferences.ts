/** How this person likes calls: kept for the next one. */
import { useState } from 'react';
import {
  browserStorage,
  type LocalSettings,
  loadSettings,
  saveSettings,
} from '../config/local-settings.ts';

export type Preferences = Pick<LocalSettings, 'keysOff' | 'view' | 'quality' | 'speakerId'>;

export interface PreferencesControl {
  readonly preferences: Preferences;
  readonly change: (change: Partial<Preferences>) => void;
}

export function usePreferences(): PreferencesControl {
  const [preferences, setPreferences] = useState<Preferences>(() => {
    const { keysOff, view, quality, speakerId } = loadSettings(browserStorage());
    return { keysOff, view, quality, speakerId };
  });
  const change = (next: Partial<Preferences>) => {
    setPreferences((before) => ({ ...before, ...next }));
    saveSettings(browserStorage(), next);
  };
  return { preferences, change };
}
