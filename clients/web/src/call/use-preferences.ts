/** How this person likes calls: kept for the next one, but for the loudspeaker, which may be unplugged by then. */
import { useState } from 'react';
import {
  browserStorage,
  type LocalSettings,
  loadSettings,
  saveSettings,
} from '../config/local-settings.ts';

type Kept = Pick<LocalSettings, 'keysOff' | 'view' | 'quality'>;

export interface Preferences extends Kept {
  /** Device id of the loudspeaker; empty for the browser's choice. */
  readonly speakerId: string;
}

export interface PreferencesControl {
  readonly preferences: Preferences;
  readonly change: (change: Partial<Preferences>) => void;
}

export function usePreferences(): PreferencesControl {
  const [preferences, setPreferences] = useState<Preferences>(() => {
    const { keysOff, view, quality } = loadSettings(browserStorage());
    return { keysOff, view, quality, speakerId: '' };
  });
  const change = (next: Partial<Preferences>) => {
    setPreferences((before) => ({ ...before, ...next }));
    const { speakerId: _, ...kept } = next;
    saveSettings(browserStorage(), kept);
  };
  return { preferences, change };
}
