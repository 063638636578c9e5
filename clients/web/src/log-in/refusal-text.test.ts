import { expect, test } from 'vitest';
import { strings } from '../strings/strings.ts';
import { refusalText } from './refusal-text.ts';

test.each([
  ['token required', 'tokenRequired'],
  ['Not acceptable by exp (12 sec since expired)', 'tokenExpired'],
  ['Not acceptable by nbf (5 sec to go)', 'tokenTooEarly'],
  ['Invalid signature', 'tokenInvalid'],
  ['could not obtain public key', 'tokenInvalid'],
  ['Invalid or incorrect alg', 'tokenInvalid'],
  ["invalid 'aud' claim", 'tokenInvalid'],
  ['Room and token mismatched', 'otherRoom'],
  ['not-authorized', 'wrongPassword'],
  ['temporary-auth-failure', 'directoryDown'],
] as const)('%s', (text, name) => {
  expect(refusalText(text)).toBe(strings.refusal[name]);
});

test('what nobody foresaw is left to the words of the server', () => {
  expect(refusalText('out of cheese')).toBeUndefined();
});
