import { describe, expect, test } from 'vitest';
import { loadSettings, saveSettings, withRecentRoom } from './local-settings.ts';

class MemoryStorage {
  readonly values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
}

const defaults = {
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

describe('local settings', () => {
  test('come back as they were saved, a part at a time', () => {
    const storage = new MemoryStorage();
    saveSettings(storage, { displayName: 'Ada', recentRooms: ['a'] });
    saveSettings(storage, { videoMuted: true });
    saveSettings(storage, {
      view: 'speaker',
      quality: 'low',
      language: 'de',
      devices: { video: 'a' },
      speakerId: 'b',
      noiseSuppression: false,
    });
    expect(loadSettings(storage)).toEqual({
      ...defaults,
      displayName: 'Ada',
      videoMuted: true,
      language: 'de',
      devices: { video: 'a' },
      speakerId: 'b',
      noiseSuppression: false,
      view: 'speaker',
      quality: 'low',
      recentRooms: ['a'],
    });
  });

  test.each([
    '',
    '{',
    'null',
    '5',
    '[]',
    '{"displayName":5,"recentRooms":{"length":3},"view":"x","quality":1,"language":"xx","devices":{"audio":5,"x":"y"},"speakerId":{},"noiseSuppression":0}',
  ])('nonsense such as %j gives the defaults', (text) => {
    const storage = new MemoryStorage();
    storage.setItem('conclave.settings', text);
    expect(loadSettings(storage)).toEqual(defaults);
  });

  test('a browser that forbids storage forgets, and nothing breaks', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    };
    saveSettings(full, { displayName: 'Ada' });
    saveSettings(undefined, { displayName: 'Ada' });
    expect(loadSettings(full)).toEqual(defaults);
    expect(loadSettings(undefined)).toEqual(defaults);
  });

  test('the newest room is first, once, among six', () => {
    expect(withRecentRoom(['a', 'b'], 'b')).toEqual(['b', 'a']);
    expect(withRecentRoom(['1', '2', '3', '4', '5', '6'], '7')).toEqual([
      '7',
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
  });
});
