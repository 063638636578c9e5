/** Tokens come from strangers: whatever they hold, the checks say something and never throw. */
import { textCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeToken } from './decode-token.ts';
import { refuseRoom } from './room-rights.ts';
import { checkClaims, checkHeader } from './token-checks.ts';
import { identityFromClaims } from './token-identity.ts';
import type { TokenRules } from './token-rules.ts';

const RUNS = 100_000;
const corpus = textCorpus(import.meta.url);
const tokens = corpus.map((text): [string] => [text]);
const objects = corpus
  .filter((text) => text.startsWith('{'))
  .map((text): [{ context: fc.JsonValue }, string] => [JSON.parse(text), 'daily']);
const rules: TokenRules = {
  issuers: ['app', 'team-*'],
  audiences: ['*'],
  allowEmpty: false,
  verifyDomain: true,
  mucDomain: 'muc.meet.jitsi',
  leewayS: 10,
};
const base64Url = (text: string) => Buffer.from(text).toString('base64url');

test('any text is a token or told why not', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.json({ maxDepth: 3 }).map(base64Url),
    fc.constant(base64Url('{"alg":"HS256","typ":"JWT"}')),
  );
  const parts = fc.array(part, { maxLength: 5 }).map((all) => all.join('.'));
  fc.assert(
    fc.property(parts, (token) => {
      const decoded = decodeToken(token);
      if (decoded.type === 'token') expect(token.split('.')).toHaveLength(3);
      else expect(decoded.text).toMatch(/^Invalid/);
    }),
    { numRuns: RUNS, examples: tokens },
  );
});

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('*', 'app', 'true', true, 1e308, -1, 'meet.jitsi', 'a.*b', '%'),
);
const names = fc.constantFrom(
  ...['alg', 'typ', 'kid', 'crit', 'exp', 'nbf', 'iat', 'iss', 'aud', 'room', 'sub', 'user_id'],
);
const user = fc.dictionary(
  fc.constantFrom('id', 'name', 'email', 'avatar', 'moderator', 'affiliation'),
  value,
);
const context = fc.record(
  { user: fc.oneof(user, value), group: value, features: value, room: value },
  { requiredKeys: [] },
);
const claims = fc
  .tuple(fc.dictionary(names, value), fc.oneof(context, value))
  .map(([some, about]) => ({ ...some, context: about }));

test('any JSON is checked, and what is taken from it is short', () => {
  fc.assert(
    fc.property(claims, fc.string({ maxLength: 40 }), (object, node) => {
      const checks = [
        ...checkHeader(object, { hasSecret: true, hasKeyServer: true }),
        ...checkClaims(object, rules, 1_790_000_000),
      ];
      for (const { expected, got } of checks)
        expect(expected.length + got.length).toBeLessThan(600);
      const identity = identityFromClaims(object);
      for (const text of Object.values(identity.user ?? {})) {
        expect(String(text).length).toBeLessThanOrEqual(2048);
      }
      refuseRoom(object, rules, { node, domain: 'muc.meet.jitsi' });
    }),
    { numRuns: RUNS, examples: objects },
  );
});
