/** What a provider's claims mean here. */
import { expect, test } from 'vitest';
import { personFromClaims } from './oidc-claims.ts';

const rules = {
  moderatorClaim: '',
  moderatorValues: [],
  featuresClaim: '',
  allowedClaim: '',
  allowedValues: [],
};
const holderOf = (
  claims: Record<string, unknown>,
  changes: Partial<typeof rules> | object = {},
) => {
  const person = personFromClaims({ sub: 'a1', ...claims }, { ...rules, ...changes });
  return person.type === 'person' ? person.holder : person.reason;
};

test('name, address and picture', () => {
  expect(
    holderOf({ name: 'Ada', email: 'ada@example.com', picture: 'https://example.com/a.png' }),
  ).toEqual({
    provider: { subject: 'a1' },
    user: {
      id: 'a1',
      name: 'Ada',
      email: 'ada@example.com',
      avatar: 'https://example.com/a.png',
    },
    isModerator: undefined,
    features: undefined,
  });
  const unverified = { preferred_username: 'ada', email: 'x@y.z', email_verified: false };
  expect(holderOf({ ...unverified, sid: 's1' })).toEqual({
    provider: { subject: 'a1', session: 's1' },
    user: { id: 'a1', name: 'ada' },
    isModerator: undefined,
    features: undefined,
  });
  expect(holderOf({ sub: undefined })).toContain('names nobody');
});

test.each([
  ['groups', ['staff'], { groups: ['pupils', 'staff'] }, true],
  ['groups', ['staff'], { groups: 'staff' }, true],
  ['groups', ['staff'], { groups: ['pupils'] }, false],
  ['groups', ['staff'], { groups: { staff: true } }, false],
  ['groups', ['staff'], {}, false],
  ['realm_access.roles', ['host'], { realm_access: { roles: ['host'] } }, true],
  ['https://example.com/role', ['host'], { 'https://example.com/role': 'host' }, true],
  ['is_host', [], { is_host: true }, true],
  ['is_host', [], { is_host: 'false' }, false],
  ['constructor', [], {}, false],
  ['__proto__.admin', ['true'], {}, false],
])('%s with %j in %j leads: %s', (moderatorClaim, moderatorValues, claims, isModerator) => {
  expect(holderOf(claims, { moderatorClaim, moderatorValues })).toMatchObject({ isModerator });
});

test.each([
  [['recording', 'No Such', 7, true, null], { recording: true }],
  [
    { recording: true, livestreaming: 'true', transcription: 0 },
    { recording: true, livestreaming: true, transcription: false },
  ],
  ['recording', {}],
  [undefined, {}],
])('features %j', (tools, features) => {
  expect(holderOf({ tools }, { featuresClaim: 'tools' })).toHaveProperty('features', features);
});

test('only people with the claim that is wanted', () => {
  const allowed = { allowedClaim: 'hd', allowedValues: ['example.com'] };
  expect(holderOf({ hd: 'example.com' }, allowed)).toMatchObject({ user: { id: 'a1' } });
  expect(holderOf({ hd: 'evil.example' }, allowed)).toContain('OIDC_ALLOWED_CLAIM');
  expect(holderOf({}, allowed)).toContain('OIDC_ALLOWED_CLAIM');
});
