import { expect, test } from 'vitest';
import { meaningOfClosing } from './closed-connection.ts';

const guest = { hasToken: false, passwordLogIn: false, logInTemplates: [] };
const logInTemplates = [{ label: 'School', url: 'https://school.example/' }];

test.each([
  ['done', guest, false, 'nothing'],
  ['sessionLost', guest, false, 'lost'],
  ['guestsRefused', guest, false, 'refused'],
  ['guestsRefused', { ...guest, passwordLogIn: true }, false, 'logIn'],
  ['authentication', guest, false, 'refused'],
  ['authentication', { ...guest, logInTemplates }, false, 'logIn'],
  // A token that was refused is not mended by logging in elsewhere without being told.
  ['authentication', { ...guest, hasToken: true, logInTemplates }, false, 'refused'],
  ['authentication', { ...guest, logInTemplates }, true, 'wrongPassword'],
] as const)('%s: %j, with credentials: %s', (reason, config, hasCredentials, meaning) => {
  expect(meaningOfClosing(reason, config, hasCredentials)).toBe(meaning);
});
