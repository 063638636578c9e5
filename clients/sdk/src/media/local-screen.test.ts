import { expect, test } from 'vitest';
import { type DisplayMediaLike, LocalScreen } from './local-screen.ts';

const getDisplayMedia = () => Promise.reject(new Error('not here'));
const knows = (...names: string[]) => ({
  getSupportedConstraints: () => Object.fromEntries(names.map((name) => [name, true])),
});

test.each<[string, DisplayMediaLike | undefined, boolean, boolean]>([
  ['Chrome', { getDisplayMedia, ...knows('width', 'suppressLocalAudioPlayback') }, true, true],
  ['Firefox and Safari', { getDisplayMedia, ...knows('width') }, true, false],
  ['a page without HTTPS', undefined, false, false],
])('in %s', (_, devices, isAvailable, canShareSound) => {
  expect(new LocalScreen(devices)).toMatchObject({ isAvailable, canShareSound });
});

test('on a phone there is nothing to share', () => {
  const phone = knows('width') as unknown as DisplayMediaLike;
  expect(new LocalScreen(phone).isAvailable).toBe(false);
});
