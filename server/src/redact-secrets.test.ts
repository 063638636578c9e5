/** Whatever an error message carries along, no secret leaves in a log line. */
import { expect, test } from 'vitest';
import { createRedaction } from './redact-secrets.ts';
import { readSettings } from './settings/index.ts';

const result = readSettings({
  LDAP_BINDPW: 'pass "word" of the directory',
  OIDC_CLIENT_SECRET: 'provider&secret',
  TURN_CREDENTIALS: 'turn-secret',
});
const redact = 'settings' in result ? createRedaction(result.settings) : (line: string) => line;

test.each([
  ['bind failed: pass "word" of the directory', 'bind failed: (secret)'],
  [JSON.stringify({ a: 'pass "word" of the directory' }), '{"a":"(secret)"}'],
  ['POST client_secret=provider%26secret', 'POST client_secret=(secret)'],
  ['turn-secret and turn-secret', '(secret) and (secret)'],
  ['got eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl!', 'got (token)!'],
  ['GET /login/oidc/callback?code=abc&state=d', 'GET /login/oidc/callback?code=(secret)&state=d'],
  ['https://meet.example/daily?jwt=abc', 'https://meet.example/daily?jwt=(secret)'],
  ['nothing to hide', 'nothing to hide'],
])('%s', (line, shown) => expect(redact(line)).toBe(shown));
