/** What this browser remembers between visits. All of it may be missing, blocked or nonsense. */
import type { DeviceChoice } from '@conclave/sdk';
import type { View } from '../call/stage.ts';
import { isVideoQuality, type VideoQuality } from '../call/video-quality.ts';
import { isLanguage, type Language } from '../strings/languages.ts';

export interface LocalSettings {
  readonly displayName: string;
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  /** Camera and microphone. */
  readonly devices: DeviceChoice;
  /** Device id of the loudspeaker; empty for the browser's choice. */
  readonly speakerId: string;
  /** Whether what is no voice is taken out of what the microphone hears. */
  readonly noiseSuppression: boolean;
  /** Single letters do nothing: for those whose voice or hand presses them unasked (WCAG 2.1.4). */
  readonly keysOff: boolean;
  /** Undefined for that of the browser. */
  readonly language: Language | undefined;
  readonly view: View;
  /** Of the others' pictures. */
  readonly quality: VideoQuality;
  /** Newest first. */
  readonly recentRooms: readonly string[];
}

/** The part of `localStorage` that is used. */
export type SettingsStorage = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'conclave.settings';
const MAX_ROOMS = 6;
const DEFAULTS: LocalSettings = {
  displayName: '',
  audioMuted: false,
  videoMuted: false,
  devices: {},
  speakerId: '',
  noiseSuppression: true,
  keysOff: false,
  language: undefined,
  view: 'tiles',
  quality: 'high',
  recentRooms: [],
};

function readDevices(stored: object): DeviceChoice {
  const known = Object.entries(stored).filter(
    ([kind, id]) => (kind === 'audio' || kind === 'video') && typeof id === 'string',
  );
  return Object.fromEntries(known);
}

export function loadSettings(storage: SettingsStorage | undefined): LocalSettings {
  let json: unknown;
  try {
    json = JSON.parse(storage?.getItem(KEY) ?? '');
  } catch {
    return DEFAULTS;
  }
  if (typeof json !== 'object' || json === null) return DEFAULTS;
  const stored = json as Record<string, unknown>;
  const { devices, speakerId, noiseSuppression } = stored;
  const { displayName, audioMuted, videoMuted, keysOff, language, view, quality, recentRooms } =
    stored;
  return {
    displayName: typeof displayName === 'string' ? displayName : '',
    audioMuted: audioMuted === true,
    videoMuted: videoMuted === true,
    devices: typeof devices === 'object' && devices !== null ? readDevices(devices) : {},
    speakerId: typeof speakerId === 'string' ? speakerId : '',
    noiseSuppression: noiseSuppression !== false,
    keysOff: keysOff === true,
    language: isLanguage(language) ? language : undefined,
    view: view === 'speaker' ? view : DEFAULTS.view,
    quality: isVideoQuality(quality) ? quality : DEFAULTS.quality,
    recentRooms: Array.isArray(recentRooms)
      ? recentRooms.filter((room) => typeof room === 'string').slice(0, MAX_ROOMS)
      : [],
  };
}

export function saveSettings(
  storage: SettingsStorage | undefined,
  change: Partial<LocalSettings>,
): void {
  try {
    storage?.setItem(KEY, JSON.stringify({ ...loadSettings(storage), ...change }));
  } catch {
    // Full or forbidden: nothing is remembered, nothing else suffers.
  }
}

/** `room` first, the others after it, without repetition. */
export function withRecentRoom(rooms: readonly string[], room: string): string[] {
  return [room, ...rooms.filter((other) => other !== room)].slice(0, MAX_ROOMS);
}

/** Undefined where the browser forbids it. */
export function browserStorage(): SettingsStorage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
