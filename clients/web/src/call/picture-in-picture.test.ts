import { expect, test } from 'vitest';
import { type PageWindow, pictureInPictureOf } from './picture-in-picture.ts';

const requestWindow = () => Promise.reject(new Error('not here'));

test.each<[string, PageWindow, string | undefined]>([
  [
    'Chrome',
    { documentPictureInPicture: { requestWindow }, document: { pictureInPictureEnabled: true } },
    'document',
  ],
  ['Safari', { document: { pictureInPictureEnabled: true } }, 'video'],
  ['where it is forbidden', { document: { pictureInPictureEnabled: false } }, undefined],
  ['Firefox', { document: {} }, undefined],
])('in %s', (_, page, expected) => {
  expect(pictureInPictureOf(page)).toBe(expected);
});
